import { describe, expect, it } from 'vitest';
import { withoutCommit } from '../../src/history/revision.js';
import { shippedNames } from './helpers.js';
import { longest, newest, summaryOf, testEverywhere, withoutEffect } from './matrix.js';

const names = shippedNames.filter((name) => name !== longest);

for (const name of names) testEverywhere(name);

describe('commits without effect', () => {
  it('are these', () => {
    expect(withoutEffect.map((commit) => commit.number)).toEqual([9, 12, 15, 16, 23]);
  });

  it.each(withoutEffect)('R$number can be left out of the newest revision', (commit) => {
    const revision = withoutCommit(newest, commit);
    for (const name of names) {
      expect([name, summaryOf(name, revision).fingerprint]).toEqual([name, summaryOf(name, newest).fingerprint]);
    }
  });
});
