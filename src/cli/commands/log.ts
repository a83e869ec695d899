/** `jiffies log`: the commits of the history. */
import { allCommits } from '../../history/revision.js';
import type { Command } from '../command.js';
import { scenariosOf } from '../commits.js';
import { printJson } from '../format/json.js';
import { json } from '../options.js';
import { openAll } from '../scenarios.js';
import { schemaNames } from '../schema-names.js';
import { logPage } from '../views/log.js';

interface Arguments {
  readonly json?: boolean;
}

export const log: Command<Arguments> = {
  name: 'log',
  describe: 'List the commits of net/core/dst.c, with the scenarios that show them',
  positionals: [],
  options: { json },
  examples: [['log', 'The 26 commits from 2.6.12-rc2 to 2.6.29, oldest first, and the extra ones']],
  run: (args, cli) => {
    const scenarios = openAll(cli);
    if (args.json !== true) cli.io.out(logPage(allCommits, scenarios, cli.io));
    else {
      const rows = allCommits.map((commit) => {
        const { id, date, author, subject, class: kind, extra } = commit;
        const names = scenariosOf(commit, scenarios);
        return { id, date, author, subject, class: kind, scenarios: names, ...(extra === true ? { extra } : {}) };
      });
      printJson(cli.io, schemaNames.log, { commits: rows });
    }
    return 0;
  },
};
