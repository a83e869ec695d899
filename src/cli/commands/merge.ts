/** `jiffies merge`: the result of a search from the checkpoints of its shards. */
import { mergeShards, type NamedCheckpoint } from '../../explore/merge.js';
import type { Command } from '../command.js';
import { printJson } from '../format/json.js';
import { json } from '../options.js';
import { schemaNames } from '../schema-names.js';
import { openCheckpoint } from '../sharing/checkpoint-file.js';
import { readTold } from '../sharing/told.js';
import { exploreForm, explorePage, exploreStatus } from '../views/explore.js';

interface Arguments {
  readonly files: readonly string[];
  readonly json?: boolean;
}

export const merge: Command<Arguments> = {
  name: 'merge',
  describe: 'Make one result of the shards of a search',
  positionals: [
    { name: 'files', describe: 'Their checkpoints, all of them', required: true, many: true, value: 'file' },
  ],
  options: { json },
  examples: [['merge shard-1.json shard-2.json', 'What explore would have said without --shard']],
  epilogue: 'Exit statuses are those of explore.',
  run: ({ files, json: asJson }, { io }) => {
    const shards = files.map((file): NamedCheckpoint => ({ file, checkpoint: openCheckpoint(file, io.cwd)! }));
    const { totals, exhausted, coverage, telling } = mergeShards(shards);
    const told = readTold(shards.find(({ checkpoint }) => checkpoint === telling)!);
    const all = shards.map((shard) => readTold(shard).result);
    const result = {
      ...told.result,
      totals,
      coverage,
      exhaustive: exhausted && all.every(({ exhaustive }) => exhaustive),
    };
    if (asJson === true) printJson(io, schemaNames.explore, exploreForm(result, told.subject, null));
    else io.out(explorePage(result, told.subject, null, io));
    return exploreStatus(result, null);
  },
};
