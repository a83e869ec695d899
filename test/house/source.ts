/** Reading the repository's own files for the house tests: which files there are, and what is code in them. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

export interface SourceFile {
  /** Path from the repository root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const notOurs = new Set(['.git', 'node_modules', 'dist', 'coverage', '.jiffies']);

/** Every file that is committed or would be by `git add .`; without git, every file that is not generated. Sorted. */
export function repositoryFiles(): readonly string[] {
  return [...new Set(gitFiles() ?? walk(''))].filter((path) => isFile(join(root, path))).sort();
}

function gitFiles(): string[] | undefined {
  try {
    const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    const listed = execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const files = listed.split('\0').filter((path) => path !== '');
    return files.length > 0 ? files : undefined;
  } catch {
    return undefined;
  }
}

function walk(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return notOurs.has(entry.name) ? [] : walk(path);
    return [path];
  });
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

/** The files of the repository whose path passes `wanted`, with their text. */
export function readFiles(wanted: (path: string) => boolean): readonly SourceFile[] {
  return repositoryFiles()
    .filter(wanted)
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** The TypeScript files of `src/`. */
export function sourceFiles(): readonly SourceFile[] {
  return readFiles((path) => path.startsWith('src/') && path.endsWith('.ts'));
}

/** 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i !== -1 && i < offset; i = text.indexOf('\n', i + 1)) line++;
  return line;
}

/** `path:line: what`, for each match of a global pattern in the code of a file (comments and strings left out). */
export function findInCode(file: SourceFile, pattern: RegExp, what: string): readonly string[] {
  const code = maskSource(file.text);
  return [...code.matchAll(pattern)].map((match) => {
    return `${file.path}:${lineAt(code, match.index)}: ${what}: ${match[0].trim()}`;
  });
}

const beforeRegExp = /(?:^|[([{,;:=!&|?+\-*%<>~^])$|\b(?:return|typeof|case|yield|in|of|void|delete|throw|else)$/;

/**
 * The source with comments and the insides of strings, templates and regular expressions turned into blanks. Offsets
 * and lines stay what they were, so a place found in the mask is the same place in the text.
 */
export function maskSource(text: string): string {
  let out = '';
  let i = 0;
  /** One entry for each open `${`: how many braces are open inside it. */
  const templates: number[] = [];

  const blankTo = (end: number): void => {
    out += text.slice(i, end).replace(/[^\n]/g, ' ');
    i = end;
  };
  const keep = (): void => {
    out += text[i];
    i++;
  };
  const closing = (from: number, quote: string): number => {
    let j = from;
    let inClass = false;
    while (j < text.length) {
      const c = text[j];
      if (c === '\\') j++;
      else if (quote === '/' && c === '[') inClass = true;
      else if (quote === '/' && c === ']') inClass = false;
      else if (c === quote && !inClass) return j;
      else if (quote === '`' && c === '$' && text[j + 1] === '{') return j;
      else if (quote !== '`' && c === '\n') return j;
      j++;
    }
    return text.length;
  };
  const literal = (quote: string): void => {
    blankTo(closing(i, quote));
    if (text[i] === '$') {
      keep();
      keep();
      templates.push(0);
    } else if (text[i] === quote) keep();
  };

  while (i < text.length) {
    const c = text[i]!;
    if (c === '/' && text[i + 1] === '/') {
      const end = text.indexOf('\n', i);
      blankTo(end === -1 ? text.length : end);
    } else if (c === '/' && text[i + 1] === '*') {
      const end = text.indexOf('*/', i + 2);
      blankTo(end === -1 ? text.length : end + 2);
    } else if (c === '"' || c === "'" || c === '`' || (c === '/' && beforeRegExp.test(out.slice(-64).trimEnd()))) {
      keep();
      literal(c);
    } else if (c === '}' && templates.at(-1) === 0) {
      templates.pop();
      keep();
      literal('`');
    } else {
      if (templates.length > 0 && c === '{') templates.push(templates.pop()! + 1);
      if (templates.length > 0 && c === '}') templates.push(templates.pop()! - 1);
      keep();
    }
  }
  return out;
}
