/** Where the model differs from Linux, in the words of its own files. */
import { sourceFiles } from '../../house/source.js';
import type { Generator } from '../examples.js';

interface Divergence {
  readonly path: string;
  readonly text: string;
}

/** What the comment at the head of a file says after `Divergence from Linux`, up to the end of that paragraph. */
function divergenceOf(text: string): string | undefined {
  const header = /^\s*\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? '';
  const plain = header.replace(/^ *\* ?/gm, '');
  const own = /^\*?Divergence from Linux[:.]\*? +([\s\S]*?)(?:\n\s*\n|$(?![\s\S]))/m.exec(plain)?.[1];
  return own
    ?.replace(/\{@link ([^}]+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .trim();
}

function inRoom(folder: string): readonly Divergence[] {
  return sourceFiles().flatMap(({ path, text }) => {
    if (path.slice(0, path.lastIndexOf('/')) !== folder) return [];
    const own = divergenceOf(text);
    return own === undefined ? [] : [{ path, text: own }];
  });
}

function linked(path: string): string {
  return `[${path.slice(path.lastIndexOf('/') + 1)}](../../${path})`;
}

function listOf(folder: string): string {
  const all = inRoom(folder);
  if (all.length === 0) throw new Error(`no divergences in ${folder}`);
  const isNone = ({ text }: Divergence): boolean => /^none\b/i.test(text);
  const lines = all.filter((one) => !isNone(one)).map(({ path, text }) => `- ${linked(path)}: ${text}`);
  const none = all.filter(isNone).map(({ path }) => linked(path));
  return [...lines, ...(none.length === 0 ? [] : [`- None known, or a room of our own: ${none.join(', ')}.`])].join(
    '\n',
  );
}

/** The folders of a room that have model files, the room itself first. */
function foldersOf(room: string): readonly string[] {
  const folders = sourceFiles().map(({ path }) => path.slice(0, path.lastIndexOf('/')));
  return [...new Set(folders)].filter((folder) => folder === room || folder.startsWith(`${room}/`)).sort();
}

function listsOf(room: string): string {
  return foldersOf(room)
    .map((folder) => `### ${folder}\n\n${listOf(folder)}`)
    .join('\n\n');
}

export const divergences: Readonly<Record<string, Generator>> = {
  'divergences-smp': () => listsOf('src/smp'),
  'divergences-kernel': () => listsOf('src/kernel'),
  'divergences-net': () => listsOf('src/net'),
};
