/** What scenarios expect stands in scenarios, and nowhere in the program. */
import { describe, expect, it } from 'vitest';
import { sourceFiles } from '../house/source.js';
import { load, shippedNames } from './helpers.js';

const sources = sourceFiles();

const filesWith = (pattern: RegExp): string[] =>
  sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

describe('src', () => {
  it('is looked at', () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(filesWith(/dst_gc_task/)).not.toEqual([]);
  });

  it.each(shippedNames)('does not know %s, but for examples of the command line', (name) => {
    const knowing = sources.filter(({ path, text }) => !path.startsWith('src/cli/') && text.includes(name));
    expect(knowing.map(({ path }) => path)).toEqual([]);
  });

  it('has none of the intervals of the twelve rows', () => {
    // 25, 150 and 400 may be anything; these are nothing else.
    expect(filesWith(/\b(?:775|1256|1389|1997|2748)\b/)).toEqual([]);
  });

  it('has none of their counts and times', () => {
    expect(filesWith(/\b(?:75469|226638|74109|46865|6395|58316|8092|11402)\b/)).toEqual([]);
  });
});

describe('a condition', () => {
  it('has no way to speak of a revision', () => {
    const bug = (text: string) => () =>
      load(`title: t\nstory: s\nmachine: {hz: 250}\nuntil: 1s\nactors: [{name: a, do: [{mark: m}]}]\nbug: ${text}`);
    expect(bug('{revision: R3}')).toThrow(/unknown condition 'revision'/);
    expect(bug('{metric: {name: gc.runs, is: 1, at: R3}}')).toThrow(/unknown key 'at'/);
    expect(bug('{all: [{metric: {name: gc.runs, is: 1}}], at: R3}')).toThrow(/unknown condition 'at'/);
  });
});
