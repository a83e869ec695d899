/** `jiffies new`: a scenario to begin with, full of comments. */
import { join } from 'node:path';
import { clip } from '../../scenario/read/escape.js';
import { InputError } from '../../sim/errors.js';
import type { Command } from '../command.js';
import { nameOfFile, shownPath, writeNew } from '../files.js';
import { isPath, SCENARIO_NAME } from '../scenarios.js';

interface Arguments {
  readonly name: string;
}

const NAME_LENGTH_MAX = 100;

export const create: Command<Arguments> = {
  name: 'new',
  describe: 'Write a commented scenario to start from',
  positionals: [
    {
      name: 'name',
      describe: 'Name for a new file in ./scenarios, or a path that ends in .yaml',
      required: true,
      value: 'none',
    },
  ],
  options: {},
  examples: [['new 2009-01-my-bug', 'Writes scenarios/2009-01-my-bug.yaml']],
  epilogue: 'A file that exists is never written over.',
  run: ({ name: text }, { io, engine }) => {
    const path = isPath(text) ? text : join('scenarios', `${text}.yaml`);
    const name = checkedName(path);
    writeNew(path, io.cwd, engine.newScenarioText(name), !isPath(text));
    io.out(`wrote ${shownPath(path)}; next: jiffies run ${isPath(text) ? clip(text, 300) : name}\n`);
    return 0;
  },
};

function checkedName(path: string): string {
  const name = nameOfFile(path);
  if (!path.endsWith('.yaml')) throw new InputError(`the path of a scenario ends in .yaml, found ${shownPath(path)}`);
  if (SCENARIO_NAME.test(name) && name.length <= NAME_LENGTH_MAX) return name;
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const near = words.length === 0 ? '' : `; did you mean '${words.join('-').slice(0, NAME_LENGTH_MAX)}'?`;
  throw new InputError(
    `a scenario's name is small letters, digits and single hyphens, at most ${NAME_LENGTH_MAX}; found ${shownPath(name)}${near}`,
  );
}
