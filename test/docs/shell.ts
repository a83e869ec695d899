/**
 * The commands that documents show, carried out: `$ jiffies …` by the built program, `$ node FILE` by Node, in a folder
 * that is as a fresh clone.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { runCli } from '../../src/cli/cli.js';
import type { Engine } from '../../src/cli/command.js';
import { COLUMNS_DEFAULT } from '../../src/cli/io.js';
import { jiffiesIn, root } from '../cli/built.js';

/** The built program, in this process: a document has dozens of commands, and Node takes long to start. */
export interface Program {
  readonly runCli: typeof runCli;
  readonly engine: Engine;
}

export async function builtProgram(): Promise<Program> {
  const cli = (await import(join(root, 'dist/cli/cli.js'))) as Pick<Program, 'runCli'>;
  return { runCli: cli.runCli, engine: (await import(join(root, 'dist/scenario/index.js'))) as Engine };
}

/** What a command printed, stdout and stderr as they came, and its exit status. */
export interface Printed {
  readonly text: string;
  readonly status: number;
}

/** Outputs of commands that read nothing but what a fresh clone has, for all documents. */
const known = new Map<string, Printed>();

export class Shell {
  private readonly program: Program;
  private readonly folder = mkdtempSync(join(tmpdir(), 'jiffies-docs-'));
  private readonly written: string[] = [];

  constructor(program: Program) {
    this.program = program;
    for (const part of ['scenarios', 'test/golden'])
      cpSync(join(root, part), join(this.folder, part), { recursive: true });
    mkdirSync(join(this.folder, 'node_modules'));
    symlinkSync(root, join(this.folder, 'node_modules/jiffies'));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A file that the document tells its reader to write. */
  write(path: string, text: string): void {
    const target = join(this.folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    this.written.push(path);
  }

  /** Carries out one line, as it stands after `$ `. */
  async run(line: string): Promise<Printed> {
    const words = line.split(/ +/).map((word) => word.replace(/^'(.*)'$/, '$1'));
    const [name, ...rest] = words;
    if (name === 'node') return this.node(rest);
    if (line === 'npm start') return this.npmStart();
    if (name !== 'jiffies') throw new Error(`the documents' shell knows jiffies, node and npm start, not: ${line}`);
    const isClean = this.written.length === 0 && rest[0] !== 'new';
    const before = isClean ? known.get(line) : undefined;
    const printed = before ?? (await this.jiffies(rest));
    if (isClean) known.set(line, printed);
    else this.written.push(line);
    return printed;
  }

  private async jiffies(words: readonly string[]): Promise<Printed> {
    // Code of the reader's own must find the library where Node does, not where the test runner would.
    if (words.includes('--with') || words.some((word) => /\.mjs(?:#|$)/.test(word))) {
      const { stdout, stderr, status } = jiffiesIn(this.folder, words);
      return { text: stdout + stderr, status: status ?? -1 };
    }
    let text = '';
    const write = (part: string): void => {
      text += part;
    };
    const status = await this.program.runCli(
      words.flatMap((word) => this.expanded(word)),
      {
        io: {
          out: write,
          err: write,
          columns: COLUMNS_DEFAULT,
          color: false,
          progress: false,
          onInterrupt: () => () => undefined,
          cwd: this.folder,
          packageRoot: root,
        },
        engine: this.program.engine,
        version: '0.1.0',
      },
    );
    return { text, status };
  }

  /** The one pattern that documents use. */
  private expanded(word: string): readonly string[] {
    if (word !== 'test/golden/*.json') return [word];
    return goldenFiles(this.folder);
  }

  private async npmStart(): Promise<Printed> {
    const { text, status } = await this.run('jiffies replay');
    return { text: `\n> jiffies@0.1.0 start\n> node dist/cli/main.js replay\n\n${text}`, status };
  }

  private node(words: readonly string[]): Printed {
    const { stdout, stderr, status } = spawnSync(process.execPath, words, { cwd: this.folder, encoding: 'utf8' });
    return { text: stdout + stderr, status: status ?? -1 };
  }
}

function goldenFiles(folder: string): readonly string[] {
  return readdirSync(join(folder, 'test/golden'))
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => `test/golden/${name}`);
}
