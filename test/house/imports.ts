/** The import statements of a file, and the rules about who may import whom. */
import { posix } from 'node:path';
import { findInCode, lineAt, maskSource, type SourceFile } from './source.js';

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** `import type` and `export type`: gone when the program runs. */
  readonly typeOnly: boolean;
}

/** What stands for a specifier that is not a plain string, as in `import(name)`. */
export const computed = '<computed>';

/** `import 'x'`, `import … from 'x'` (types too), `export … from 'x'`, `import('x')`, `require('x')`, in order. */
export function importsOf(file: SourceFile): readonly Import[] {
  const code = maskSource(file.text);
  const statement = /(?<![.\w$#])(?:(?:from|import)\s*(['"])|(?:import|require)\s*\(\s*(['"`]?))/g;
  return [...code.matchAll(statement)].map((match) => {
    const quote = match[1] ?? match[2] ?? '';
    const start = match.index + match[0].length;
    const specifier = quote === '' ? computed : file.text.slice(start, code.indexOf(quote, start));
    return {
      specifier: specifier.includes('${') ? computed : specifier,
      line: lineAt(code, match.index),
      typeOnly: match[0].startsWith('from') && isTypeStatement(code.slice(0, match.index)),
    };
  });
}

/** Is the statement that `code` ends in the middle of an `import type …` or `export type …`? */
function isTypeStatement(code: string): boolean {
  const statement = code.slice([...code.matchAll(/(?<![.\w$#])(?:import|export)\b/g)].at(-1)?.index ?? code.length);
  return /^\w+\s+type\s*[\w$*{]/.test(statement);
}

/** Rooms from the lowest to the highest; rooms of one storey do not see each other. `trace` is beside the stairs. */
export const storeys: readonly (readonly string[])[] = [
  ['sim'],
  ['smp'],
  ['kernel'],
  ['sanitize'],
  ['net'],
  ['history'],
  ['scenario'],
  ['report', 'explore', 'lessons'],
  ['testing'],
  ['cli'],
];

/** Runtime packages that belong to one room, because that room is the interface to them. */
export const packageRooms: Readonly<Record<string, string>> = {
  fastpriorityqueue: 'sim',
  seedrandom: 'sim',
  yargs: 'cli',
  'fast-check': 'testing',
  vitest: 'testing',
};

/** The file that every room, `trace` included, may import: it imports nothing itself. */
export const lowestFile = 'src/sim/errors.ts';

/** The one file that imports what a person names on the command line. */
export const openImporter = 'src/cli/fix.ts';

/** The room of a path: the first folder under `src`, or `index` for the public library itself. */
export function roomOf(path: string): string {
  return path === 'src/index.ts' ? 'index' : (/^src\/([^/]+)\//.exec(path)?.[1] ?? path);
}

/** The repository path a relative specifier means; undefined for packages. */
export function targetOf(importer: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return posix.join(posix.dirname(importer), specifier).replace(/\.js$/, '.ts');
}

/** Why a file in room `from` may not import the file `target`, or undefined if it may. */
function objection(path: string, target: string): string | undefined {
  const [from, to] = [roomOf(path), roomOf(target)];
  if (target === 'package.json' && from === 'cli') return undefined;
  if (!target.startsWith('src/')) return 'leaves src';
  if (path === lowestFile) return 'the lowest file imports nothing';
  if (from === to || target === lowestFile) return undefined;
  if (from === 'trace') return 'trace imports no other room';
  if (to === 'cli') return 'nothing imports cli';
  if (to === 'testing') return 'nothing imports testing: it needs packages that not everybody has';
  if (from === 'index') return undefined;
  if (to === 'index') return from === 'cli' ? undefined : 'only cli may import the public library';
  const [high, low] = [from, to].map((room) => storeys.findIndex((rooms) => rooms.includes(room)));
  if (high === -1) return `no such room: ${from}`;
  if (to === 'trace') return undefined;
  if (low === -1) return `no such room: ${to}`;
  return low! < high! ? undefined : `${from} is not above ${to}`;
}

/** Every import of a file of `src/` that does not point down. */
export function layerViolations(file: SourceFile, dependencies: ReadonlySet<string>): readonly string[] {
  return importsOf(file).flatMap(({ specifier, line }) => {
    const target = targetOf(file.path, specifier);
    const why =
      target === undefined ? packageObjection(file.path, specifier, dependencies) : objection(file.path, target);
    return why === undefined ? [] : [`${file.path}:${line}: imports ${specifier}: ${why}`];
  });
}

function packageObjection(path: string, specifier: string, dependencies: ReadonlySet<string>): string | undefined {
  if (specifier === computed) return path === openImporter ? undefined : 'an import whose target cannot be checked';
  if (specifier.startsWith('node:')) return undefined;
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (!dependencies.has(name)) return 'not among the dependencies of package.json';
  const owner = packageRooms[name];
  return owner === undefined || owner === roomOf(path) ? undefined : `${name} belongs to ${owner}`;
}

const nodeGlobals =
  /(?<![.\w$#])(?:process\b(?!\s*(?:\??:|\())|(?:Buffer|NodeJS|setImmediate|clearImmediate|__dirname|__filename)\b|globalThis\b|import\.meta\.(?:dirname|filename)\b)/g;

/** Every use of a Node API in a file: `node:` imports, the globals that only Node has, and the way round by globalThis. */
export function nodeViolations(file: SourceFile): readonly string[] {
  const imported = importsOf(file).filter(({ specifier }) => specifier.startsWith('node:'));
  return [
    ...imported.map(({ specifier, line }) => `${file.path}:${line}: Node API: ${specifier}`),
    ...findInCode(file, nodeGlobals, 'Node API'),
  ];
}

/**
 * Every cycle of imports that a depth-first walk closes, as the files on it, the first one repeated. Type imports do not
 * count: types may speak of each other, but no module may need another that needs it while they load.
 */
export function importCycles(files: readonly SourceFile[]): readonly (readonly string[])[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const cycles: string[][] = [];
  const path: string[] = [];
  const done = new Set<string>();

  const visit = (at: string): void => {
    const open = path.indexOf(at);
    if (open !== -1) {
      cycles.push([...path.slice(open), at]);
      return;
    }
    const file = byPath.get(at);
    if (file === undefined || done.has(at)) return;
    path.push(at);
    for (const { specifier, typeOnly } of importsOf(file)) {
      const target = targetOf(at, specifier);
      if (target !== undefined && !typeOnly) visit(target);
    }
    path.pop();
    done.add(at);
  };
  for (const file of files) visit(file.path);
  return cycles;
}
