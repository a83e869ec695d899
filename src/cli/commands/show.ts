/** `jiffies show`: one commit, and what it changed. */
import { findCommit, revisionAt } from '../../history/revision.js';
import type { Command } from '../command.js';
import { scenariosOf } from '../commits.js';
import { printJson } from '../format/json.js';
import { json } from '../options.js';
import { openAll } from '../scenarios.js';
import { schemaNames } from '../schema-names.js';
import { showPage } from '../views/show.js';

interface Arguments {
  readonly commit: string;
  readonly json?: boolean;
}

export const show: Command<Arguments> = {
  name: 'show',
  describe: 'Show one commit: its effect, its traits, and the scenarios that show it',
  positionals: [{ name: 'commit', describe: 'Hash prefix, short name, or R1 to R26', required: true, value: 'commit' }],
  options: { json },
  examples: [
    ['show R14', 'By its number'],
    ['show backoff-fix', 'By its short name'],
  ],
  run: (args, cli) => {
    const commit = findCommit(args.commit);
    const scenarios = scenariosOf(commit, openAll(cli));
    if (args.json !== true) cli.io.out(showPage(commit, scenarios, cli.io));
    else {
      const { hash: _, ...rest } = commit;
      printJson(cli.io, schemaNames.show, { ...rest, revision: revisionAt(commit).name, scenarios });
    }
    return 0;
  },
};
