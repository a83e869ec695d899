/** `jiffies diff`: where the runs of two revisions part. */
import { parseRevision } from '../../history/revision.js';
import type { Command, ExitStatus } from '../command.js';
import { openFix } from '../fix.js';
import { printJson } from '../format/json.js';
import { json, wholeNumber, withFix } from '../options.js';
import { openScenario } from '../scenarios.js';
import { schemaNames } from '../schema-names.js';
import { diffPage } from '../views/diff.js';

interface Arguments {
  readonly scenario: string;
  readonly left: string;
  readonly right: string;
  readonly with?: string;
  readonly json?: boolean;
  readonly context?: number;
}

const CONTEXT_DEFAULT = 8;
const CONTEXT_MAX = 10_000;

export const diff: Command<Arguments> = {
  name: 'diff',
  describe: 'Show where the runs of two revisions part, with what both share before it',
  positionals: [
    { name: 'scenario', describe: 'Name of a scenario, or a path', required: true, value: 'scenario' },
    { name: 'left', describe: 'A revision', required: true, value: 'revision' },
    { name: 'right', describe: 'Another revision', required: true, value: 'revision' },
  ],
  options: {
    with: { ...withFix, describe: `${withFix.describe}, on the right side` },
    json,
    context: {
      type: 'string',
      describe: `Events shown on each side and before (default ${CONTEXT_DEFAULT})`,
      value: 'none',
      coerce: wholeNumber('context', 0, CONTEXT_MAX),
    },
  },
  examples: [
    ['diff 2005-07-gc-backoff backoff-fix^ backoff-fix', 'The first event that the fix changed'],
    ['diff 2008-09-delayed-work-not-rescheduled R25 R24 --with ./my-fix.mjs', "The kernel's fix and one of your own"],
    ['diff 2007-10-gc-trace R14 newest-f262b59 --context 20', 'Any two revisions, more of the context'],
  ],
  epilogue: 'Exit status 0 whether they part or not.',
  run: async (args, cli): Promise<ExitStatus> => {
    const [left, right] = [parseRevision(args.left), parseRevision(args.right)];
    const scenario = openScenario(args.scenario, cli);
    const context = args.context ?? CONTEXT_DEFAULT;
    const result = cli.engine.diffRevisions(scenario, left, right, { context, with: await openFix(args.with, cli.io) });
    if (args.json === true) printJson(cli.io, schemaNames.diff, result);
    else cli.io.out(diffPage(result, scenario, cli.io));
    return 0;
  },
};
