/** `jiffies list`: the scenarios there are. */
import { escapeControl } from '../../scenario/read/escape.js';
import type { Command } from '../command.js';
import { brief } from '../commits.js';
import { printJson } from '../format/json.js';
import { counted, Page } from '../format/page.js';
import { json } from '../options.js';
import { openAll } from '../scenarios.js';
import { schemaNames } from '../schema-names.js';

interface Arguments {
  readonly json?: boolean;
}

export const list: Command<Arguments> = {
  name: 'list',
  describe: 'List the scenarios',
  positionals: [],
  options: { json },
  examples: [['list', 'Names and titles, and the commit that fixes each']],
  epilogue: "Scenarios are read from ./scenarios if there is such a folder, else from this package's own.",
  run: (args, cli) => {
    const scenarios = openAll(cli);
    if (args.json === true) {
      const rows = scenarios.map(({ name, title, fixedBy, variants }) => {
        return { name, title, fixedBy: fixedBy?.id ?? null, variants };
      });
      printJson(cli.io, schemaNames.list, { scenarios: rows });
      return 0;
    }
    const page = new Page(cli.io);
    const columns = [{ title: 'scenario', shrinkTo: 20 }, { title: 'fixed by' }, { title: 'title', shrinkTo: 24 }];
    const rows = scenarios.map(({ name, title, fixedBy }) => [
      { text: escapeControl(name), formats: ['bold' as const] },
      { text: fixedBy === null ? '' : brief(fixedBy), formats: ['yellow' as const] },
      escapeControl(title),
    ]);
    cli.io.out(
      page
        .table(columns, rows, { indent: 0, apart: false })
        .line()
        .line(counted(scenarios.length, 'scenario'))
        .toString(),
    );
    return 0;
  },
};
