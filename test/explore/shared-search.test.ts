import { describe, expect, it } from 'vitest';
import { makeBatch } from '../../src/explore/batch.js';
import type { Program } from '../../src/explore/program.js';
import { RunMaker } from '../../src/explore/run-maker.js';
import { type SearchOptions, search, strategyOf } from '../../src/explore/search.js';
import { type Helpers, rangeRuns, SharedSearch } from '../../src/explore/shared-search.js';
import { strategyNames } from '../../src/explore/strategies.js';
import type { Search } from '../../src/explore/tally.js';
import { InputError } from '../../src/sim/errors.js';
import { ainc, iriw, lastzero, lostUpdate, oneAgainst25, philosophers } from './programs.js';

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Helpers of this thread, each with a maker of its own, that are late by turns. */
function helpersFor(program: Program, options: SearchOptions, threads: number): Helpers & { readonly made: number[] } {
  const makers = Array.from({ length: threads }, () => new RunMaker(program, options, strategyOf(options)));
  const made: number[] = [];
  return {
    threads,
    made,
    make: async (from, to) => {
      const turn = made.push(from);
      for (let i = (turn * 7) % 5; i > 0; i--) await soon();
      return makeBatch(makers[turn % threads]!, from, to, options.keepGoing === true);
    },
    pause: soon,
  };
}

function plain({ strategy, benignSeen, ...rest }: Search): object {
  return { ...rest, benign: [...benignSeen.keys()], strategy: strategy.name, totals: { ...rest.totals } };
}

async function shared(program: Program, options: SearchOptions, threads: number): Promise<object> {
  const helpers = helpersFor(program, options, threads);
  const loop = new SharedSearch(program, options, { helpers });
  expect(await loop.run()).toBe(true);
  const { totals } = loop.result();
  if (totals.runs > 3 * rangeRuns) {
    const free = !loop.maker.strategy.exhaustive;
    expect(helpers.made.length > 0).toBe(free || loop.maker.strategy.name === 'portfolio');
  }
  return plain(loop.result());
}

/** Fails only after many runs: a choice of data out of thousands. */
const rare =
  (one: number, of: number): Program =>
  (p) => {
    const x = p.cell('x');
    p.task('a', function* () {
      yield x.write(1);
    });
    p.task('b', function* () {
      yield x.read;
      p.check(p.choose('number', of) !== one, 'the number came up');
    });
  };

const programs: [string, Program][] = [
  ['a lost update', lostUpdate],
  ['three increments', ainc(3)],
  ['iriw', iriw],
  ['lastzero(4)', lastzero(4)],
  ['philosophers(3)', philosophers(3)],
  ['one against 25', oneAgainst25],
  ['a rare failure', rare(1777, 3000)],
];

describe.each(programs)('the search of %s', (name, program) => {
  it('is the same however many threads make its runs', async () => {
    // Thousands of data are too much for those that would try them all.
    for (const strategy of name === 'a rare failure' ? (['random', 'pct'] as const) : strategyNames) {
      for (const keepGoing of [false, true]) {
        const options = { strategy, seed: 5, runs: 1300, keepGoing, countPairs: true };
        const alone = plain(search(program, options));
        for (const threads of [1, 3]) expect(await shared(program, options, threads)).toEqual(alone);
      }
    }
  });
});

describe('a shared search', () => {
  it('ends where the budget of steps does', async () => {
    const options = { strategy: 'random', steps: 12_345, runs: 100_000 } as const;
    const alone = search(lastzero(3), options);
    expect(alone.totals.steps).toBeGreaterThanOrEqual(12_345);
    expect(await shared(lastzero(3), options, 2)).toEqual(plain(alone));
  });

  it('finds a failure far from the beginning at the same run', async () => {
    const options = { strategy: 'random', runs: 50_000 } as const;
    const alone = search(rare(1777, 3000), options);
    expect(alone.runsToFind).toBeGreaterThan(4 * rangeRuns);
    expect(await shared(rare(1777, 3000), options, 3)).toEqual(plain(alone));
  });

  it('throws what one thread would, where it would', async () => {
    /** Stops being a program at a certain draw. */
    const breaks: Program = (p) => {
      const x = p.cell('x');
      p.task('a', function* () {
        yield x.read;
      });
      if (p.choose('number', 3000) === 1777) throw new InputError('no program any more');
    };
    const options = { strategy: 'random', runs: 50_000 } as const;
    expect(() => search(breaks, options)).toThrow('no program any more');
    const loop = new SharedSearch(breaks, options, { helpers: helpersFor(breaks, options, 2) });
    await expect(loop.run()).rejects.toThrow('no program any more');
    const alone = new SharedSearch(breaks, options);
    await expect(alone.run()).rejects.toThrow('no program any more');
    expect(loop.tally.totals).toEqual(alone.tally.totals);
    expect(loop.number).toBeGreaterThan(2 * rangeRuns);
  });

  it('can be ended between two runs', async () => {
    const options = { strategy: 'random' } as const;
    const helpers = helpersFor(ainc(2), options, 2);
    const loop = new SharedSearch(ainc(2), options, { helpers });
    let runs = 0;
    expect(await loop.run(() => ++runs === 1000)).toBe(false);
    expect(loop.result().totals.runs).toBe(1000);
  });

  it('fails when its helpers do', async () => {
    const helpers: Helpers = { threads: 1, make: () => Promise.reject(new Error('gone')), pause: soon };
    const loop = new SharedSearch(ainc(2), { strategy: 'random' }, { helpers });
    await expect(loop.run()).rejects.toThrow('gone');
  });

  it.each(['random', 'portfolio', 'pct'] as const)('of %s is the sum of its shards', async (strategy) => {
    const options: SearchOptions = { strategy, runs: 3000, keepGoing: true };
    const whole = search(lastzero(4), options).totals;
    const parts = [1, 2, 3].map((index) => new SharedSearch(lastzero(4), options, { shard: { index, count: 3 } }));
    for (const part of parts) await part.run();
    const sum = (name: 'runs' | 'steps' | 'complete' | 'failing'): number =>
      parts.reduce((total, part) => total + part.result().totals[name], 0);
    expect([sum('runs'), sum('steps'), sum('complete'), sum('failing')]).toEqual([
      whole.runs,
      whole.steps,
      whole.complete,
      whole.failing,
    ]);
  });
});
