/** The links of a Markdown text, and whether they lead anywhere. */
import { posix } from 'node:path';
import type { SourceFile } from './source.js';

/** The text with fenced blocks and inline code turned into blanks: what is in them is no link. */
export function maskCode(markdown: string): string {
  const blank = (text: string): string => text.replace(/[^\n]/g, ' ');
  return markdown
    .replace(/^([ >]*)(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^[ >]*\2[`~]*[ \t]*$|$(?![\s\S]))/gm, blank)
    .replace(/(?<!`)(`+)(?!`)(?:[^`]|(?!\1(?!`))`)+?\1(?!`)/g, blank);
}

const linkForms = [
  /!?\[(?:[^[\]]|\[[^\]]*\])*\]\(\s*<?([^\s)>]+)>?(?:\s+["'(][^\n]*?["')])?\s*\)/g,
  /^ {0,3}\[[^\]]+\]:\s+<?([^\s>]+)>?/gm,
  /<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)="([^"]+)"/g,
];

/** Every link target of a Markdown text, images, reference definitions and HTML included. */
export function linksOf(markdown: string): readonly string[] {
  const text = maskCode(markdown).replace(/\[!\[[^\]]*\]\(([^)\s]+)\)\]\(([^)\s]+)\)/g, '[]($1) []($2)');
  return linkForms.flatMap((form) => [...text.matchAll(form)].map((match) => match[1]!));
}

/** The anchors of the headings, as code hosts make them. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const fences = /^( *)(`{3,}|~{3,})[^\n]*\n[\s\S]*?^ *\2[`~]* *$/gm;
  const anchors = new Set<string>();
  for (const match of markdown.replace(fences, '').matchAll(/^#{1,6}\s+(.+?)\s*#*\s*$/gm)) {
    const plain = match[1]!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = plain.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
    let unique = slug;
    for (let n = 1; anchors.has(unique); n++) unique = `${slug}-${n}`;
    anchors.add(unique);
  }
  for (const match of markdown.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) anchors.add(match[1]!);
  return anchors;
}

/** Every relative link of a document that names no file or folder of the repository, or no heading of that file. */
export function brokenLinks(
  document: SourceFile,
  paths: ReadonlySet<string>,
  textOf: (path: string) => string,
): readonly string[] {
  return linksOf(document.text).flatMap((link) => {
    if (/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(link)) return [];
    const broken = (why: string): readonly string[] => [`${document.path}: ${link}: ${why}`];
    if (link.startsWith('/')) return broken('not relative');
    const [file = '', anchor] = decodeURI(link).split('#');
    const named = file.replace(/\?.*$/, '');
    const target =
      named === '' ? document.path : posix.join(posix.dirname(document.path), named).replace(/(?<=.)\/$/, '');
    if (target.startsWith('..')) return broken('leaves the repository');
    const isFolder = target === '.' || [...paths].some((path) => path.startsWith(`${target}/`));
    if (!paths.has(target) && !isFolder) return broken('no such file');
    if (anchor === undefined || !target.endsWith('.md')) return [];
    return anchorsOf(textOf(target)).has(anchor) ? [] : broken('no such heading');
  });
}
