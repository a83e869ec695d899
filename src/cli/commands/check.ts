/** `jiffies check`: is this file a scenario? Lists all that is wrong with it. */
import { InputErrors } from '../../scenario/read/validate.js';
import { InputError } from '../../sim/errors.js';
import type { Cli, Command } from '../command.js';
import { errorLine } from '../error-lines.js';
import { counted } from '../format/page.js';
import { painter } from '../format/paint.js';
import { openScenario } from '../scenarios.js';

interface Arguments {
  readonly file: readonly string[];
}

export const check: Command<Arguments> = {
  name: 'check',
  describe: 'Validate scenario files without running them',
  positionals: [
    { name: 'file', describe: 'Names of scenarios, or paths', required: true, many: true, value: 'scenario' },
  ],
  options: {},
  examples: [['check scenarios/mine.yaml', 'Says what is wrong as file:line:column']],
  epilogue: 'Exit status 2 if anything is wrong.',
  run: ({ file: files }, cli) => {
    const wrong = files.filter((file) => !isRight(file, cli));
    return wrong.length === 0 ? 0 : 2;
  },
};

function isRight(file: string, cli: Cli): boolean {
  try {
    const scenario = openScenario(file, cli);
    cli.io.out(`${painter(cli.io.color)('✓', 'green')} ${scenario.file}\n`);
    return true;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const all = error instanceof InputErrors ? error.all : [error];
    for (const one of all) cli.io.err(`${errorLine(one)}\n`);
    const more = error instanceof InputErrors ? error.total - all.length : 0;
    if (more > 0) cli.io.err(`jiffies: ${counted(more, 'more error')} in ${all[0]!.place?.file ?? file}\n`);
    return false;
  }
}
