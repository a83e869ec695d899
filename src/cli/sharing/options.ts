/** The options that share out a search: among threads, machines, and runs of the program. */
import type { Shard } from '../../explore/shared-search.js';
import { clip } from '../../scenario/read/escape.js';
import { InputError } from '../../sim/errors.js';
import type { Flag, Valued } from '../command.js';
import { plainText, wholeNumber } from '../options.js';

const WORKERS_MAX = 256;
const SHARDS_MAX = 10_000;

export const workers: Valued = {
  type: 'string',
  describe: 'Threads that make runs (default 1); the result is the same',
  value: 'none',
  coerce: wholeNumber('workers', 1, WORKERS_MAX),
};

function shardOf(text: string): Shard {
  const [, index, count] = /^([0-9]{1,5})\/([0-9]{1,5})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (shard.index >= 1 && shard.index <= shard.count && shard.count <= SHARDS_MAX) return shard;
  throw new InputError(`--shard takes a part such as 1/4, of at most ${SHARDS_MAX}; found '${clip(text, 60)}'`);
}

export const shard: Valued = {
  type: 'string',
  describe: 'Search only this part, such as 1/4; jiffies merge makes the parts one again',
  value: 'none',
  coerce: shardOf,
};

export const checkpoint: Valued = {
  type: 'string',
  describe: 'Write what is known to this file, every second or so and at the end',
  value: 'file',
  coerce: plainText,
};

export const resume: Flag = {
  type: 'boolean',
  describe: 'Go on from the checkpoint, if it is there; the budget may be larger',
};
