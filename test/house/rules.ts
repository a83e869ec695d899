/** The style rules that no linter knows, each a function from files to what is wrong with them. */
import { findInCode, lineAt, maskSource, type SourceFile } from './source.js';

export type Rule = (file: SourceFile) => readonly string[];

const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const capitals = new Set(['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md']);

/** Folders and files are kebab-case; a name may have several parts with dots between (`queue.case.test.ts`). */
export function fileNames(path: string): readonly string[] {
  const parts = path.split('/');
  const last = parts.pop()!;
  const folders = parts.filter((part) => part !== '__snapshots__');
  const names = capitals.has(last) ? folders : [...folders, ...last.split('.')];
  return names.filter((name) => !kebab.test(name)).map((name) => `${path}: not kebab-case: ${name}`);
}

/** Scenarios lie flat in `scenarios/`, each `NAME.yaml` with a kebab-case NAME, for NAME is its name everywhere. */
export function scenarioNames(path: string): readonly string[] {
  return /^scenarios\/[a-z0-9]+(?:-[a-z0-9]+)*\.yaml$/.test(path) ? [] : [`${path}: not scenarios/kebab-case.yaml`];
}

export const noDefaultExport: Rule = (file) =>
  findInCode(file, /\bexport\s+default\b|\bexport\s*\{[^}]*\bas\s+default\b/g, 'default export');

export const noEnum: Rule = (file) => findInCode(file, /(?<![.\w$])enum\s+[\w$]+\s*\{/g, 'enum');

const parameterProperty =
  /[(,]\s*(?:(?:public|private|protected|readonly|override)\s+)+[A-Za-z_$][\w$]*\s*(?:[?:=,)]|$)/g;

/** No `constructor(private x: T)`. */
export const noParameterProperty: Rule = (file) => {
  const code = maskSource(file.text);
  return [...code.matchAll(/(?<![.\w$])constructor\s*\(/g)].flatMap((match) => {
    const open = match.index + match[0].length - 1;
    const parameters = code.slice(open, closingParenthesis(code, open) + 1);
    return [...parameters.matchAll(parameterProperty)].map((found) => {
      return `${file.path}:${lineAt(code, open + found.index)}: parameter property: ${found[0].slice(1).trim()}`;
    });
  });
};

function closingParenthesis(code: string, open: number): number {
  let depth = 0;
  for (let i = open; i < code.length; i++) {
    if (code[i] === '(') depth++;
    if (code[i] === ')') depth--;
    if (depth === 0) return i;
  }
  return code.length;
}

export const linesMax = 400;
export const dataTables = /^src\/(?:history\/commits|kernel\/era[a-z0-9-]*)\.ts$/;

/** No file over 400 lines but the data tables. */
export const notTooLong: Rule = ({ path, text }) => {
  const lines = text.replace(/\n$/, '').split('\n').length;
  return lines <= linesMax || dataTables.test(path) ? [] : [`${path}: ${lines} lines, at most ${linesMax}`];
};

/** The rooms in which a run happens. */
export const deterministicRooms = /^src\/(?:sim|smp|kernel|sanitize|net|history)\//;

const impure = new RegExp(
  [
    String.raw`(?<![.\w$#])(?:Date|performance|crypto|Promise|PromiseLike|WeakRef|FinalizationRegistry|Intl)\b`,
    String.raw`(?<![.\w$#])(?:Async(?:Generator|Iterator|Iterable|IterableIterator)|queueMicrotask)\b`,
    String.raw`(?<![.\w$#])(?:set|clear)(?:Timeout|Interval|Immediate)\b`,
    String.raw`(?<![.\w$#])Math\s*(?:\?\.|\.)?\s*(?:random\b|\[)`,
    String.raw`(?<![.\w$#])\{[^{}]*\brandom\b[^{}]*\}\s*=\s*Math\b`,
    String.raw`(?<![.\w$#])(?:async|await)\b(?!\s*[,:;=)}\]?.])`,
    String.raw`\.(?:toLocale\w*|localeCompare)\b`,
  ].join('|'),
  'g',
);

/** Nothing that reads the wall clock, real randomness or the locale, and nothing asynchronous. */
export const pure: Rule = (file) => findInCode(file, impure, 'not deterministic');

/** The comments a file begins with, unwrapped to one line. */
export function headerComment(text: string): string {
  const comments = /^(?:\uFEFF|\s)*((?:(?:\/\*[\s\S]*?\*\/|\/\/[^\n]*)\s*)+)/.exec(text)?.[1] ?? '';
  return comments
    .replace(/\/\*+|\*+\/|\/\/+|^\s*\*+/gm, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** A model file opens with what it models. */
export const hasHeader: Rule = ({ path, text }) => (headerComment(text) === '' ? [`${path}: no header comment`] : []);

/** A file that models the kernel says where it differs. */
export const saysDivergence: Rule = ({ path, text }) =>
  headerComment(text).includes('Divergence from Linux') ? [] : [`${path}: header without 'Divergence from Linux'`];

const registryHosts =
  /\bregistry\.(?:[a-z0-9-]+\.)+[a-z]{2,}\b|\b(?:npmjs|yarnpkg|pypi|rubygems|crates)\.(?:com|org|io)\b|\bnpm\.pkg\.github\.com\b|\bproxy\.golang\.org\b/gi;

/** Nothing committed depends on one place to fetch packages from. */
export const noRegistryHost: Rule = ({ path, text }) =>
  [...text.matchAll(registryHosts)].map((match) => `${path}:${lineAt(text, match.index)}: registry host: ${match[0]}`);

/** A lock file without addresses works with any registry. */
export const noResolved: Rule = ({ path, text }) =>
  [...text.matchAll(/"resolved"\s*:\s*"[^"]*"/g)].map((match) => `${path}:${lineAt(text, match.index)}: ${match[0]}`);

const machinePaths =
  /(?<![\w.~:)}\]/-])(?:\/(?:work|home|root|Users|mnt|private|opt|srv|nix)\/[\w.-]+|[A-Z]:\\+Users\b)|\bfile:\/\/\/[\w.-]+/g;

/** No absolute path of somebody's machine. */
export const noMachinePath: Rule = ({ path, text }) =>
  [...text.matchAll(machinePaths)].map((match) => `${path}:${lineAt(text, match.index)}: machine path: ${match[0]}`);
