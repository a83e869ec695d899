import { describe, expect, it } from 'vitest';
import { explore, type Failure, replay } from '../../src/explore/explore.js';
import type { Program } from '../../src/explore/program.js';
import { decodeToken, encodeToken } from '../../src/explore/token.js';
import { InputError } from '../../src/sim/errors.js';
import { ScheduleMismatch } from '../../src/smp/replay-scheduler.js';
import { type FailingProgram, largePrograms, replayOptionsOf, smallPrograms } from './failing-programs.js';
import { philosophers } from './programs.js';

const everything = [...smallPrograms, ...largePrograms];

/** By name and whether they were shrunk. */
const failures = new Map<string, Failure>();

function failureOf({ name, program, options, strategy = 'random' }: FailingProgram, shrink: boolean): Failure {
  const key = `${name} ${shrink}`;
  const known = failures.get(key) ?? explore(program, { ...options, strategy, seed: 3, runs: 10_000, shrink }).failure;
  if (known === null) throw new Error(`${name} does not fail`);
  failures.set(key, known);
  return known;
}

describe.each(everything)('the token of $name', (subject) => {
  const { program, options } = subject;

  it.each([true, false])('makes the run again (shrunk: %s)', (shrink) => {
    const { token, kind, message, steps, preemptions } = failureOf(subject, shrink);
    expect(encodeToken(decodeToken(token))).toBe(token);
    expect(token).toMatch(/^j1\.[\w-]+$/);
    // As it was found, the schedule of a workload takes some lines; shrunk, two at most.
    expect(token.length).toBeLessThanOrEqual(shrink ? 160 : 1200);
    const again = replay(program, token, replayOptionsOf(options));
    expect(again).toMatchObject({ sameProgram: true, steps, preemptions, failure: { kind, token } });
    expect(again.faults).toContainEqual(expect.objectContaining({ kind, message }));
    const { revision, era } = decodeToken(token);
    expect([again.revision, again.era]).toEqual([revision, era]);
  });

  it('is refused in one line if it is cut off or altered', () => {
    const { token } = failureOf(subject, true);
    for (let length = 0; length < token.length; length++) expect(whyNot(program, token.slice(0, length))).toBe('token');
    for (let at = 3; at < token.length; at++) {
      const letter = token[at] === 'A' ? 'B' : 'A';
      expect(whyNot(program, token.slice(0, at) + letter + token.slice(at + 1))).toBe('token');
    }
  });

  it('may be followed for a while and explored on', () => {
    const { token } = failureOf(subject, true);
    const { decisions } = decodeToken(token);
    const on = explore(program, {
      ...options,
      strategy: 'random',
      runs: 3,
      prefix: token,
      prefixDecisions: decisions >> 1,
    });
    expect(on.totals.runs).toBeGreaterThan(0);
    const whole = explore(program, { ...options, strategy: 'random', runs: 1, prefix: token, shrink: false });
    expect(whole.totals.runs).toBe(1);
    expect(whole.failure).not.toBeNull();
  });
});

/** 'token' if it is refused as none, in one line. */
function whyNot(program: FailingProgram['program'], token: string): string {
  try {
    replay(program, token);
  } catch (error) {
    const { message } = error as Error;
    return error instanceof InputError && /token/.test(message) && !message.includes('\n') ? 'token' : message;
  }
  return 'it was taken';
}

describe('a token of another program', () => {
  it('says which step, what was expected and what is enabled, or that the program has changed', () => {
    const { token } = explore(philosophers(4), { sanitize: 'off' }).failure!;
    for (const { program, options, name } of smallPrograms) {
      if (name === 'philosophers(4)') continue;
      let refused: unknown = null;
      try {
        expect(replay(program, token, replayOptionsOf(options)).sameProgram).toBe(false);
      } catch (error) {
        refused = error;
      }
      if (refused === null) continue;
      expect(refused).toBeInstanceOf(ScheduleMismatch);
      expect((refused as Error).message).toMatch(/decision \d+ should be .+; possible are: .+/);
    }
  });
});

describe('a run that was cut at a limit', () => {
  const spins: Program = (p) => {
    const x = p.cell('x');
    p.task('a', function* () {
      for (let i = 1; ; i++) {
        yield x.write(i);
        p.check(i !== 20, 'twenty was written');
      }
    });
  };

  it('is made again by its token, up to the limit', () => {
    const { failure, totals } = explore(spins, { decisionsMax: 50, sanitize: 'off' });
    expect(totals.boundCut).toBe(1);
    expect(failure).toMatchObject({ kind: 'check', steps: 50 });
    expect(decodeToken(failure!.token).cut).toBe(true);
    const again = replay(spins, failure!.token);
    expect(again).toMatchObject({ outcome: 'stopped', steps: 50, failure: { message: 'twenty was written' } });
  });
});
