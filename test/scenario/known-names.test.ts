import { describe, expect, it } from 'vitest';
import { costCentres, violationKinds } from '../../src/scenario/known-names.js';
import { sourceFiles } from '../house/source.js';
import { refusals } from './helpers.js';

/** The texts that a pattern finds in the source as its first group, sorted, each once. */
function named(pattern: RegExp): string[] {
  return [
    ...new Set(sourceFiles().flatMap(({ text }) => [...text.matchAll(pattern)].map((match) => match[1]!))),
  ].sort();
}

function complaints(machine: string, rest: string): readonly string[] {
  return refusals(`title: t
story: s
machine: ${machine}
until: 1s
actors: [{name: a, do: [{mark: m}]}]
${rest}`);
}

describe('the names that a scenario may use', () => {
  it('of cost centres are those that the model charges under', () => {
    expect([...costCentres].sort()).toEqual(named(/\.cost\('(\w+)'\)/g));
  });

  it('of violations are those that a run may report', () => {
    // BUG and WARN have theirs through one function, a deadlock chooses between two; an explored program has four of its own.
    const own = ['check', 'symptom', 'broken-promise', 'leak'];
    const found = [
      'self-deadlock',
      ...named(/\bviolate\(\s*'([\w-]+)'/g),
      ...named(/\bcomplain\(kernel, '([\w-]+)'/g),
      ...named(/\bunsafe\('([\w-]+)'/g),
    ];
    expect([...violationKinds].sort()).toEqual([...new Set(found)].filter((kind) => !own.includes(kind)).sort());
  });

  it('and no others: the nearest is named', () => {
    expect(complaints('{hz: 250, costs: {dst_scan_kep: 1us}}', '')).toEqual([
      expect.stringMatching(/^f\.yaml:3:28: .*'dst_scan_kep'.*did you mean 'dst_scan_kept'\?$/),
    ]);
    expect(complaints('{hz: 250}', 'allow: [warnin]')).toEqual([
      expect.stringMatching(/^f\.yaml:6:9: .*there is no kind of violation 'warnin'; did you mean 'warning'\?$/),
    ]);
  });
});
