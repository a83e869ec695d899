import { describe, expect, it } from 'vitest';
import { commits } from '../../src/history/commits.js';
import { commitInVersion, lastReleaseWith, looksLikeVersion, releases } from '../../src/history/kernel-version.js';
import { InputError } from '../../src/sim/errors.js';

describe('commitInVersion', () => {
  it('gives what each release shipped', () => {
    expect(releases.map((release) => [release, commitInVersion(release).number])).toEqual([
      ['2.6.12', 2],
      ['2.6.13', 3],
      ['2.6.14', 4],
      ['2.6.15', 4],
      ['2.6.16', 4],
      ['2.6.17', 4],
      ['2.6.18', 5],
      ['2.6.19', 5],
      ['2.6.20', 6],
      ['2.6.21', 11],
      ['2.6.22', 12],
      ['2.6.23', 12],
      ['2.6.24', 17],
      ['2.6.25', 21],
      ['2.6.26', 24],
      ['2.6.27', 24],
      ['2.6.28', 25],
      ['2.6.29', 26],
    ]);
  });

  it.each([
    ['2.6.12-rc2', 1],
    ['2.6.12-rc3', 2],
    ['2.6.13-rc4', 2],
    ['2.6.13-rc5', 3],
    ['2.6.18-rc4', 4],
    ['2.6.22-rc4', 11],
    ['2.6.24-rc1', 16],
    ['2.6.24-rc2', 16],
    ['2.6.24-rc3', 17],
    ['2.6.29-rc8', 26],
  ])('knows the candidate %s', (version, number) => {
    expect(commitInVersion(version).number).toBe(number);
  });

  it.each(['2.6.11', '2.6.12-rc1', '2.6.30', '2.6.30-rc1', '2.6.24-rc0', '2.6.24-rc10', '2.6.24.1', '3.0', ''])(
    'refuses %j',
    (version) => {
      expect(() => commitInVersion(version)).toThrow(InputError);
    },
  );

  it('tells what has the form of a version', () => {
    expect(['2.6.12', '2.6.99', '2.6.24-rc3', '2.6.24-rc99'].every(looksLikeVersion)).toBe(true);
    expect(['2.6', '2.6.24-', '2.6.24-rc', '2.6.24x', 'R7', '2.6.1e1'].some(looksLikeVersion)).toBe(false);
  });
});

describe('lastReleaseWith', () => {
  it('gives the last release that shipped it, else the first that contains it', () => {
    expect(commits.map((commit) => lastReleaseWith(commit).slice('2.6.'.length)).join(' ')).toBe(
      '12 12 13 17 19 20 21 21 21 21 21 23 24 24 24 24 24 25 25 25 25 26 26 27 28 29',
    );
  });
});
