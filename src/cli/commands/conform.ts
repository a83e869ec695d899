/** `jiffies conform`: the model against recordings of the real kernel. */
import type { ConformFile } from '../../scenario/index.js';
import { InputError } from '../../sim/errors.js';
import type { Cli, Command } from '../command.js';
import { readBytes, shownPath } from '../files.js';
import { printJson } from '../format/json.js';
import { progressOf } from '../format/progress.js';
import { json } from '../options.js';
import { schemaNames } from '../schema-names.js';
import { conformPage } from '../views/conform.js';

interface Arguments {
  readonly file: readonly string[];
  readonly json?: boolean;
}

/** Recordings are far larger than scenarios. */
const BYTES_MAX = 256_000_000;

export const conform: Command<Arguments> = {
  name: 'conform',
  describe: 'Run recordings of the real kernel against the model',
  positionals: [
    { name: 'file', describe: 'Files in the golden format (JSON)', required: true, many: true, value: 'file' },
  ],
  options: { json },
  examples: [['conform test/golden/*.json', 'How many cases pass, and the first that does not']],
  epilogue: 'Exit status 1 if any case does not match.',
  run: (args, cli) => {
    const files = conformAll(args.file, cli);
    if (args.json === true) printJson(cli.io, schemaNames.conform, { files });
    else cli.io.out(conformPage(files, cli.io));
    return files.some(({ failed }) => failed > 0) ? 1 : 0;
  },
};

function conformAll(files: readonly string[], cli: Cli): readonly ConformFile[] {
  const progress = progressOf(cli.io);
  try {
    return files.map((file) => {
      progress.show(`conform ${file}`);
      return conformOne(file, cli);
    });
  } finally {
    progress.end();
  }
}

function conformOne(file: string, { io, engine }: Cli): ConformFile {
  const bytes = readBytes(file, io.cwd, BYTES_MAX);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`cannot read ${shownPath(file)}: it is not UTF-8`);
  }
  return engine.runConformance(text, file);
}
