import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsOf, brokenLinks, linksOf } from './links.js';
import { noMachinePath } from './rules.js';
import { readFiles, repositoryFiles, root } from './source.js';

const paths = new Set(repositoryFiles());
const documents = readFiles((path) => /^(?:docs\/.*|[^/]+)\.md$/.test(path));
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('the documents', () => {
  it('have links that lead somewhere', () => {
    expect(documents.flatMap((document) => brokenLinks(document, paths, textOf))).toEqual([]);
  });

  it('and all other files name no path of a machine', () => {
    const others = readFiles(
      (path) => /\.(?:ts|mjs|json|ya?ml|sh)$|^\.ci\//.test(path) && !path.startsWith('test/house/'),
    );
    expect([...documents, ...others].flatMap(noMachinePath)).toEqual([]);
  });
});

describe('the link scan', () => {
  it.each([
    ['a [b](c.md) d', ['c.md']],
    ['[b](c.md#d "title") and [e](<f.md>)', ['c.md#d', 'f.md']],
    ['![b](c.svg)', ['c.svg']],
    ['[![b](c.svg)](d.md)', ['c.svg', 'd.md']],
    ['[b]: c.md\n', ['c.md']],
    ['<a href="c.md"><img alt="" src="d.svg"></a>', ['c.md', 'd.svg']],
    ['[`code`](c.md)', ['c.md']],
    ['`[b](c.md)`', []],
    ['``[b](`c.md)``', []],
    ['```console\n[b](c.md)\n```\n[d](e.md)', ['e.md']],
    ['- item\n\n  ```ts\n  a[b](c)\n  ```\n', []],
    ['an array[0] (really)', []],
  ])('of %j finds %j', (text, links) => {
    expect(linksOf(text)).toEqual(links);
  });

  it('knows the anchors of headings', () => {
    const text = '# The `wheel`, and *time*\n\n## A\n\n## A\n\n```sh\n# no heading\n```\n\n## [B](b.md) & C\n';
    expect([...anchorsOf(text)]).toEqual(['the-wheel-and-time', 'a', 'a-1', 'b--c']);
  });
});

describe('the link rule', () => {
  const some = new Set(['README.md', 'docs/a.md', 'docs/decisions/0001-b.md']);
  const check = (text: string): readonly string[] => brokenLinks({ path: 'docs/a.md', text }, some, () => '# Here\n');

  it.each([
    ['[x](b.md)', 'no such file'],
    ['[x](decisions/0002-c.md)', 'no such file'],
    ['[x](../../elsewhere/README.md)', 'leaves the repository'],
    ['[x](/docs/a.md)', 'not relative'],
    ['[x](#there)', 'no such heading'],
    ['[x](../README.md#there)', 'no such heading'],
  ])('refuses %s', (text, why) => {
    expect(check(text)).toEqual([expect.stringContaining(why)]);
  });

  it.each([
    ['[x](../README.md#here)'],
    ['[x](decisions/)'],
    ['[x](..)'],
    ['[x](#here)'],
    ['[x](https://example.org/x)'],
  ])('allows %s', (text) => {
    expect(check(text)).toEqual([]);
  });
});

describe('the machine path rule', () => {
  it.each([
    ['in /home/somebody/jiffies'],
    ['`/work/main`'],
    ['(/root/.npmrc)'],
    ['C:\\Users\\me'],
    ['file:///etc/passwd'],
  ])('refuses %s', (text) => {
    expect(noMachinePath({ path: 'docs/a.md', text })).toHaveLength(1);
  });

  it.each([
    ['/proc/sys/net/ipv4/route/gc_interval'],
    ['https://example.org/home/x'],
    ['docs/work/a'],
    ['net/core/dst.c'],
  ])('allows %s', (text) => {
    expect(noMachinePath({ path: 'docs/a.md', text })).toEqual([]);
  });
});
