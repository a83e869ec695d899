import { describe, expect, it } from 'vitest';
import { explore } from '../../src/explore/explore.js';
import type { Program } from '../../src/explore/program.js';
import '../../src/testing/vitest.js';
import { ainc, litmus, lockinc, lostUpdate, philosophers } from '../explore/programs.js';

/** What a matcher says when it fails. */
function complaint(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it passed');
}

const { token } = explore(lostUpdate).failure!;

describe('toHold', () => {
  it('passes when a search finds nothing', () => {
    expect(ainc(2)).toHold();
    expect(ainc(3)).toHold({ strategy: 'random', runs: 50 });
    expect(lostUpdate).not.toHold();
  });

  it('is as good as its budget', () => {
    expect(lostUpdate).toHold({ strategy: 'dfs', runs: 1, sanitize: 'off' });
  });

  it('fails with the story, the token, and what to paste', () => {
    const text = complaint(() => expect(lostUpdate).toHold({ strategy: 'dfs', seed: 7 }));
    const found = explore(lostUpdate, { strategy: 'dfs' }).failure!;
    expect(text.split('\n')).toEqual([
      'expected the program to hold; dfs, seed 7:',
      '',
      ...found.report.split('\n'),
      '',
      `keep it as a regression test: expect(program).toHoldUnder('${found.token}');`,
    ]);
    expect(text).toContain(`replay(program, '${found.token}');`);
  });

  it('says in how many runs it held', () => {
    expect(complaint(() => expect(ainc(2)).not.toHold({ strategy: 'optimal-dpor' }))).toBe(
      'expected the program to fail, but it holds in 2 runs of optimal-dpor: 2 traces, all of them',
    );
    expect(complaint(() => expect(ainc(2)).not.toHold({ strategy: 'random', runs: 20, seed: 3 }))).toBe(
      'expected the program to fail, but it holds in 20 runs of random: 2 traces, seed 3',
    );
  });

  it('is for programs', () => {
    expect(complaint(() => expect('program').toHold())).toBe(
      'expect(…).toHold() is for a program, a function of its setup, or what scenarioProgram makes, not for string',
    );
  });
});

describe('toHoldExhaustively', () => {
  it('passes when everything was searched', () => {
    expect(lockinc(3)).toHoldExhaustively();
    expect(litmus('Wx Ry | Wy Rx')).toHoldExhaustively({ strategy: 'dfs', runs: 6, sanitize: 'report' });
    expect(philosophers(3)).toHoldExhaustively({ strategy: 'bounded-dfs', preemptionBound: 0, sanitize: 'off' });
    expect(philosophers(3)).not.toHoldExhaustively();
  });

  it('fails when the budget ended the search, negated or not', () => {
    const why =
      'the search is not exhaustive: the budget of 3 runs ended it; give it more with { runs }\n\nno failure in 3 runs of optimal-dpor: 3 traces, seed 1';
    expect(complaint(() => expect(ainc(4)).toHoldExhaustively({ runs: 3 }))).toBe(why);
    expect(complaint(() => expect(ainc(4)).not.toHoldExhaustively({ runs: 3 }))).toBe(why);
    expect(complaint(() => expect(ainc(4)).toHoldExhaustively({ steps: 10 }))).toContain(
      'the budget of 10 steps ended it',
    );
  });

  it('fails when runs were cut, and when the strategy proves nothing', () => {
    const spins: Program = (p) => {
      const x = p.cell('x');
      p.task('a', function* () {
        while (((yield x.read) as number) === 0);
      });
    };
    expect(complaint(() => expect(spins).toHoldExhaustively({ decisionsMax: 30 }))).toContain(
      '1 run was cut, at the limit of 30 decisions',
    );
    expect(complaint(() => expect(ainc(2)).toHoldExhaustively({ strategy: 'round-robin' }))).toContain(
      "round-robin is not an exhaustive strategy, and proves nothing in any number of runs; 'bounded-dfs', 'dfs', 'optimal-dpor' and 'source-dpor' are",
    );
    // More of them would help no more.
    expect(complaint(() => expect(ainc(2)).toHoldExhaustively({ strategy: 'random', runs: 20 }))).toMatch(
      /^the search is not exhaustive: random is not an exhaustive strategy, and proves nothing/,
    );
  });

  it('fails with the story when there is a failure', () => {
    expect(complaint(() => expect(philosophers(2)).toHoldExhaustively())).toMatch(
      /deadlock: [\s\S]*replay\(program, 'j1\./,
    );
  });
});

describe('a pinned token', () => {
  const mended: Program = (p) => {
    ainc(2)(p);
  };

  it('fails as it did until the program is mended, and then holds', () => {
    expect(lostUpdate).toFailUnder(token);
    expect(lostUpdate).toFailUnder(token, { with: 'an update was lost' });
    expect(lostUpdate).toFailUnder(token, { with: /^check: / });
    expect(lostUpdate).not.toHoldUnder(token);
    expect(mended).toHoldUnder(token);
  });

  it('says so when it holds, and when it fails', () => {
    const { token: passing } = explore(philosophers(2)).failure!;
    expect(complaint(() => expect(lostUpdate).toHoldUnder(token))).toContain(
      'expected the program to hold under the schedule\n\ncheck: an update',
    );
    expect(complaint(() => expect(lostUpdate).toFailUnder(token, { with: 'deadlock' }))).toContain(
      "expected a failure with 'deadlock'",
    );
    expect(complaint(() => expect(philosophers(2)).toHoldUnder(passing))).toContain('deadlock');
    const quiet: Program = (p) => {
      const n = p.cell('n');
      const bump = function* () {
        const v: number = yield n.read;
        yield n.write(v + 1);
      };
      p.task('a', bump);
      p.task('b', bump);
    };
    expect(complaint(() => expect(quiet).toFailUnder(token, { sanitize: 'report' }))).toBe(
      'expected the program to fail under the schedule, but it holds',
    );
  });

  it('that no longer fits is followed as near as it can be, or refused', () => {
    expect(complaint(() => expect(ainc(1)).toFailUnder(token))).toContain('the schedule does not fit this program');
    expect(complaint(() => expect(ainc(1)).toHoldUnder(token, { exact: true }))).toContain('the schedule does not fit');
    expect(ainc(1)).toHoldUnder(token);
    expect(complaint(() => expect(lostUpdate).toHoldUnder('j1.nonsense!'))).toContain('the token is cut off');
  });
});
