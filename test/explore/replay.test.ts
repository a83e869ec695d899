import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explore, replay } from '../../src/explore/explore.js';
import type { Program } from '../../src/explore/program.js';
import { search } from '../../src/explore/search.js';
import { strategyNames } from '../../src/explore/strategies.js';
import { decodeToken, encodeToken } from '../../src/explore/token.js';
import { mod_timer } from '../../src/kernel/timer.js';
import { ScheduleMismatch } from '../../src/smp/replay-scheduler.js';
import { litmus, lostUpdate, philosophers } from './programs.js';

const withData: Program = (p) => {
  const x = p.cell('x');
  p.task('a', function* () {
    const by = p.choose('amount', 10);
    yield x.write(by);
  });
  p.task('b', function* () {
    const seen: number = yield x.read;
    p.check(seen < 3, 'b saw three or more');
  });
};

const withTimer: Program = (p) => {
  const x = p.cell('x', 1);
  const timer = p.timer('t', function* () {
    yield x.write(0);
  });
  p.task('a', function* () {
    yield mod_timer(timer, p.kernel.addJiffies(p.kernel.now, 5));
    const first: number = yield x.read;
    const second: number = yield x.read;
    p.check(first === second, 'the value changed under our feet');
  });
};

const invariant: Program = (p) => {
  const [x, y] = [p.cell('x'), p.cell('y')];
  p.invariant('x and y are not both 1', () => x.value + y.value < 2);
  p.task('a', function* () {
    if (((yield y.read) as number) === 0) yield x.write(1);
  });
  p.task('b', function* () {
    if (((yield x.read) as number) === 0) yield y.write(1);
  });
};

/** Schedules alone: what the sanitizers find besides is tested with them. */
const sanitize = 'off';

/** Program, preemptions at least needed. */
const failing: [string, Program, number][] = [
  ['a lost update', lostUpdate, 1],
  ['philosophers(2)', philosophers(2), 1],
  ['philosophers(3)', philosophers(3), 1],
  ['philosophers(4)', philosophers(4), 1],
  ['philosophers(5)', philosophers(5), 1],
  ['data', withData, 0],
  ['a timer', withTimer, 2],
  ['an invariant', invariant, 1],
];

describe.each(failing)('the failure of %s', (_name, program, preemptions) => {
  it('is shrunk to its fewest preemptions, whoever found it, and replays', () => {
    for (const strategy of strategyNames) {
      const { failure } = explore(program, { strategy, seed: 3, runs: 2000, preemptionBound: 2, sanitize });
      if (failure === null) continue;
      expect(failure).toMatchObject({ preemptions, shrinkDone: true });
      const again = replay(program, failure.token, { sanitize });
      expect(again).toMatchObject({ sameProgram: true, steps: failure.steps, preemptions });
      expect(again.failure).toMatchObject({ kind: failure.kind, message: failure.message });
      expect(failure.report).toContain(`replay(program, '${failure.token}');`);
    }
  });

  it('is lost, or no simpler, when one more deviation is left out', () => {
    const { failure } = explore(program);
    const token = decodeToken(failure!.token);
    for (let at = 0; at < token.deviations.length; at++) {
      const less = encodeToken({ ...token, deviations: token.deviations.toSpliced(at, 1) });
      try {
        const again = replay(program, less, { sanitize });
        if (again.failure !== null) expect(again.preemptions).toBeGreaterThanOrEqual(preemptions);
      } catch (error) {
        expect(error).toBeInstanceOf(ScheduleMismatch);
      }
    }
  });

  it('is not met by the default schedule', () => {
    expect(search(program, { strategy: 'bounded-dfs', preemptionBound: 0, runs: 1 }).failed).toBeNull();
  });
});

describe('shrinking', () => {
  it('lowers data choices to the least that fail', () => {
    const { failure } = explore(withData, { strategy: 'random' });
    expect(decodeToken(failure!.token).deviations).toEqual([{ at: 0, actor: -1, name: 'amount', value: 3 }]);
  });

  it('can be left out, and keeps to its budget', () => {
    expect(explore(lostUpdate, { strategy: 'random', shrink: false }).failure).toMatchObject({ shrunkFrom: null });
    const { failure } = explore(philosophers(5), { strategy: 'random', seed: 2, shrinkRuns: 3 });
    expect(failure).toMatchObject({ shrinkRuns: 3, shrinkDone: false });
  });
});

describe('a token', () => {
  it('gives back what was put in', () => {
    const deviation = fc.record({ at: fc.nat(300), actor: fc.nat(5000), name: fc.constant(''), value: fc.constant(0) });
    const data = fc.record({ at: fc.nat(300), actor: fc.constant(-1), name: fc.string(), value: fc.nat(1e9) });
    const text = fc.option(fc.string());
    const token = fc.record({
      fingerprint: fc.nat(0xffffffff),
      decisions: fc.nat(1e6),
      cut: fc.boolean(),
      revision: text,
      era: text,
      deviations: fc.array(fc.oneof(deviation, data)).map((list) => list.map((d, i) => ({ ...d, at: d.at + 301 * i }))),
    });
    fc.assert(
      fc.property(token, (t) => {
        expect(decodeToken(encodeToken(t))).toEqual(t);
      }),
    );
  });

  it.each([
    ['', 'not a schedule token'],
    ['hello', "a token begins with 'j1.'"],
    ['j2.AAAA', 'a token of another version'],
    ['j1.AA', 'the token is cut off'],
    ['j1.AMU5UBwEAAEBEfS', 'the token is'],
    ['j1.BMU5UBwEAAEBEfSR', 'its checksum is wrong'],
  ])('that is none is refused: %s', (text, why) => {
    expect(() => replay(lostUpdate, text)).toThrow(why);
  });

  it('that no longer fits says where, what was expected and what is possible', () => {
    const { token } = explore(philosophers(3)).failure!;
    let refused: unknown;
    try {
      replay(lostUpdate, token);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(ScheduleMismatch);
    expect(refused).toMatchObject({ exitCode: 2, step: 1, expected: 'task 3' });
    expect((refused as Error).message).toMatch(/possible are: task \d \([ab] on CPU \d: /);
  });

  it('that fits a changed program says that it was changed', () => {
    const { token } = explore(litmusFailing(1)).failure!;
    expect(replay(litmusFailing(1), token).sameProgram).toBe(true);
    expect(() => replay(litmusFailing(2), token)).toThrow('further steps: the program is not over there');
  });

  it('tells a program that writes, reads or ends otherwise, in the same steps', () => {
    const adding = (by: number, wanted = 2 * by): Program => {
      return (p) => {
        const n = p.cell('n');
        const bump = function* () {
          const v: number = yield n.read;
          yield n.write(v + by);
        };
        p.task('a', bump);
        p.task('b', bump);
        p.finally(() => p.check(n.value === wanted, 'an update was lost'));
      };
    };
    const { token } = explore(adding(1)).failure!;
    const same = (program: Program): boolean => replay(program, token).sameProgram;
    expect([adding(1), adding(7), adding(1, 3)].map(same)).toEqual([true, false, false]);
  });

  it('of a run that was cut knows its program without the limit', () => {
    const long: Program = (p) => {
      const x = p.cell('x');
      p.task('a', function* () {
        for (let i = 0; i < 30; i++) {
          yield x.write(i);
          p.check(i < 8, 'too far');
        }
      });
    };
    const { token } = explore(long, { decisionsMax: 10, shrink: false }).failure!;
    expect(replay(long, token)).toMatchObject({ sameProgram: true, outcome: 'stopped', steps: 10 });
    expect(explore(long, { decisionsMax: 20, shrink: false }).failure!.token).not.toBe(token);
  });

  it('may be followed for a while and explored on', () => {
    const { token } = explore(lostUpdate).failure!;
    const on = explore(lostUpdate, { strategy: 'dfs', prefix: token, prefixDecisions: 1, keepGoing: true });
    expect(on.totals).toMatchObject({ runs: 3, failing: 2 });
    expect(on.exhaustive).toBe(false);
  });
});

function litmusFailing(more: number): Program {
  return (p) => {
    const n = p.cell('n');
    p.task('a', function* () {
      yield n.write(1);
    });
    p.task('b', function* () {
      const v: number = yield n.read;
      p.check(v === 1, 'too early');
      for (let i = 0; i < more; i++) yield n.write(2);
    });
  };
}

describe('a report', () => {
  it('has a line of verdict, a column for each context, the violation and the call', () => {
    const { failure } = explore(lostUpdate, { strategy: 'dfs', sanitize });
    expect(failure!.report.split('\n')).toEqual([
      'check: an update was lost',
      'found in run 2; 4 steps, 1 preemption (*), shrunk from 4 steps and 1 preemption',
      '',
      '  a            b',
      '  read n → 0',
      '*              read n → 0',
      '               write n = 1',
      '  write n = 1',
      '',
      'check: an update was lost',
      '',
      `replay(program, '${failure!.token}');`,
    ]);
  });
});

describe('explore', () => {
  it('says that nothing is wrong in any schedule', () => {
    expect(explore(litmus('Wx Ry | Wy Rx'), { strategy: 'optimal-dpor', sanitize })).toMatchObject({
      exhaustive: true,
      failure: null,
      totals: { runs: 3, traces: 3, complete: 3 },
    });
    expect(explore(litmus('Wx Ry | Wy Rx')).exhaustive).toBe(true);
  });

  it('says that its budget ended it', () => {
    expect(explore(litmus('Wx Ry | Wy Rx'), { strategy: 'dfs', runs: 5 }).exhaustive).toBe(false);
  });

  it('counts under a bound what lies within it', () => {
    const { totals, preemptionBound, exhaustive } = explore(litmus('Wx1 Wx2 | Rx Rx'), {
      strategy: 'optimal-dpor',
      preemptionBound: 1,
    });
    expect({ traces: totals.traces, cut: totals.boundCut, preemptionBound, exhaustive }).toEqual({
      traces: 4,
      cut: 2,
      preemptionBound: 1,
      exhaustive: true,
    });
  });
});
