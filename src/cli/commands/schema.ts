/** `jiffies schema`: JSON Schema of scenario files and of what `--json` prints. */
import type { Command } from '../command.js';
import { jsonText } from '../format/json.js';
import { oneOfNames } from '../options.js';
import { outputJsonSchema } from '../output-schemas.js';
import { type OutputName, schemaNames } from '../schema-names.js';

interface Arguments {
  readonly for?: string;
}

const names: readonly string[] = ['scenario', ...Object.keys(schemaNames)];

export const schema: Command<Arguments> = {
  name: 'schema',
  describe: 'Print the JSON Schema of scenario files, or of what a command prints with --json',
  positionals: [],
  options: {
    for: {
      type: 'string',
      describe: `What to describe: ${names.join(', ')} (default scenario)`,
      value: names,
      coerce: oneOfNames('--for', names),
    },
  },
  examples: [
    ['schema > scenario.schema.json', 'For completion and checks in an editor'],
    ['schema --for run', 'What run --json prints'],
  ],
  run: ({ for: name = 'scenario' }, { io, engine }) => {
    const body = name === 'scenario' ? engine.scenarioJsonSchema() : outputJsonSchema(name as OutputName);
    io.out(`${jsonText(body, 2)}\n`);
    return 0;
  },
};
