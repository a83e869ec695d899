/** All commands, in the order help lists them. */
import type { AnyCommand } from '../command.js';
import { bisect } from './bisect.js';
import { check } from './check.js';
import { completion } from './completion.js';
import { conform } from './conform.js';
import { create } from './create.js';
import { diff } from './diff.js';
import { explore } from './explore.js';
import { list } from './list.js';
import { log } from './log.js';
import { merge } from './merge.js';
import { replay } from './replay.js';
import { run } from './run.js';
import { schema } from './schema.js';
import { show } from './show.js';

export const commands: readonly AnyCommand[] = [
  replay,
  run,
  bisect,
  explore,
  merge,
  diff,
  log,
  show,
  list,
  check,
  create,
  schema,
  conform,
  completion,
];
