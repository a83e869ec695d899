import { describe, expect, it } from 'vitest';
import { explore, replay } from '../../src/explore/explore.js';
import { runSchedule } from '../../src/explore/run-schedule.js';
import { worldProgram } from '../../src/explore/world-program.js';
import { InputError } from '../../src/sim/errors.js';
import { assertHolds } from '../../src/testing/hold.js';
import '../../src/testing/vitest.js';
import { ainc, lostUpdate } from './programs.js';

/** The one line that a call is refused with. */
function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).not.toContain('\n');
    return (error as Error).message;
  }
  throw new Error('it was taken');
}

const whole = 'expected a whole number from';

describe('what a search is told', () => {
  it.each([
    [{ runs: -5 }, `runs is -5; ${whole} 1, or Infinity`],
    [{ runs: Number.NaN }, `runs is NaN; ${whole} 1, or Infinity`],
    [{ runs: 'ten' }, `runs is 'ten'; ${whole} 1, or Infinity`],
    [{ runs: 0 }, `runs is 0; ${whole} 1, or Infinity`],
    [{ runs: 1.5 }, `runs is 1.5; ${whole} 1, or Infinity`],
    [{ steps: Number.NaN }, `steps is NaN; ${whole} 1, or Infinity`],
    [{ steps: -1 }, `steps is -1; ${whole} 1, or Infinity`],
    [{ decisionsMax: 0 }, `decisionsMax is 0; ${whole} 1`],
    [{ decisionsMax: -3 }, `decisionsMax is -3; ${whole} 1`],
    [{ seed: 'x' }, `seed is 'x'; ${whole} 0`],
    [{ preemptionBound: Number.NaN }, `preemptionBound is NaN; ${whole} 0, or null`],
    [{ depth: 0 }, `depth is 0; ${whole} 1`],
    [{ depth: Number.NaN }, `depth is NaN; ${whole} 1`],
    [{ shrinkRuns: null }, `shrinkRuns is null; ${whole} 0`],
    [{ keepGoing: 'yes' }, "keepGoing is 'yes'; expected true or false"],
    [{ horizonNs: 0 }, 'horizonNs is 0; expected a number of ns above 0'],
    [{ sanitize: 'foo' }, "sanitize is 'foo'; expected one of fail, report, off"],
    [{ sanitize: 'reports' }, "expected one of fail, report, off; did you mean 'report'?"],
    [{ strategy: 5 }, 'strategy is 5; expected the name of a strategy, or'],
    [{ machine: { hz: 0 } }, `machine.hz is 0; ${whole} 1 to 100000 that divides 10^9`],
    [{ machine: { hz: 77 } }, `machine.hz is 77; ${whole} 1 to 100000 that divides 10^9`],
    [{ machine: { cpus: 0 } }, `machine.cpus is 0; ${whole} 1 to 64`],
    [{ machine: { cpu: 2 } }, "no option is called 'machine.cpu'; did you mean 'cpus'?"],
    [{ machine: { kernel: '2.6.99' } }, "machine.kernel is '2.6.99'; expected one of 2.6.12, "],
    [{ machine: 4 }, 'machine is 4; expected an object'],
    [{ stratgy: 'dfs' }, "no option is called 'stratgy'; did you mean 'strategy'?"],
    [{ runz: 10 }, "no option is called 'runz'; did you mean 'runs'?"],
    [{ colour: 1 }, "no option is called 'colour'; there are strategy, seed, runs, "],
    [{ prefixDecisions: 3 }, 'prefixDecisions is given without a prefix'],
    [null, 'its options are null; expected an object'],
    [7, 'its options are 7; expected an object'],
  ] as [any, string][])('%j is refused by all that search', (options, why) => {
    for (const [caller, call] of [
      ['explore', () => explore(lostUpdate, options)],
      ['toHold', () => expect(ainc(2)).toHold(options)],
      ['toHold', () => expect(lostUpdate).not.toHold(options)],
      ['toHoldExhaustively', () => expect(ainc(2)).toHoldExhaustively(options)],
    ] as const) {
      const text = refusal(call);
      expect(text.startsWith(`${caller}: `)).toBe(true);
      expect(text).toContain(why);
    }
  });

  it('may leave an option undefined, and have no end of budget', () => {
    const options = { strategy: undefined, runs: Number.POSITIVE_INFINITY, seed: undefined, preemptionBound: null };
    expect(ainc(2)).toHoldExhaustively(options as object);
    expect(explore(ainc(2), { ...options, machine: { hz: 1000, cpus: 3 } } as object).exhaustive).toBe(true);
  });

  it('names the strategies there are', () => {
    expect(refusal(() => explore(lostUpdate, { strategy: 'optimal' as 'dfs' }))).toContain(
      "no strategy is called 'optimal'; did you mean 'optimal-dpor'?",
    );
  });
});

describe('what is no program', () => {
  it.each([
    [42, '42'],
    [null, 'null'],
    [{}, 'an object'],
    ['race.mjs', "'race.mjs'"],
    [undefined, 'undefined'],
  ] as [any, string][])('%j is refused', (program, what) => {
    const expected = 'expected a program: a function that sets up a run, or what worldProgram or scenarioProgram makes';
    expect(refusal(() => explore(program))).toBe(`explore: its program is ${what}; ${expected}`);
    expect(refusal(() => replay(program, 'j1.x'))).toBe(`replay: its program is ${what}; ${expected}`);
    expect(refusal(() => runSchedule(program, []))).toBe(`runSchedule: its program is ${what}; ${expected}`);
  });
});

describe('what a single run is told', () => {
  const { token } = explore(lostUpdate).failure!;
  const any = (value: unknown): any => value;

  it('is checked, too', () => {
    expect(refusal(() => replay(lostUpdate, token, any({ decisionMax: 4 })))).toBe(
      "replay: no option is called 'decisionMax'; did you mean 'decisionsMax'?",
    );
    expect(refusal(() => replay(lostUpdate, token, any({ listener: 1 })))).toBe(
      'replay: listener is 1; expected a function',
    );
    expect(refusal(() => replay(lostUpdate, any(5)))).toBe('not a schedule token: 5; a token is a text');
    expect(refusal(() => runSchedule(lostUpdate, [], any({ sanitize: 'off' })))).toContain(
      "runSchedule: no option is called 'sanitize'",
    );
    expect(refusal(() => runSchedule(lostUpdate, any('01')))).toBe('a schedule is a list of whole numbers, not string');
    expect(refusal(() => assertHolds(lostUpdate, [], any({ horizonNs: 'never' })))).toContain("horizonNs is 'never'");
    expect(refusal(() => expect(lostUpdate).toFailUnder(token, any({ wth: 'x' })))).toBe(
      "toFailUnder: no option is called 'wth'; did you mean 'with'?",
    );
    expect(refusal(() => expect(lostUpdate).toHoldUnder(token, any({ exact: 1 })))).toBe(
      'toHoldUnder: exact is 1; expected true or false',
    );
  });

  it('so is a world', () => {
    expect(refusal(() => worldProgram(any({ revison: 'R4' }), () => undefined))).toBe(
      "worldProgram: no option is called 'revison'; did you mean 'revision'?",
    );
    expect(refusal(() => worldProgram({}, any(3)))).toContain('worldProgram: its program is no function');
  });
});
