import { describe, expect, it } from 'vitest';
import { checkIdentity, checkpointOf, readCheckpoint, restoreSearch } from '../../src/explore/checkpoint.js';
import { mergeShards, type NamedCheckpoint } from '../../src/explore/merge.js';
import type { Program } from '../../src/explore/program.js';
import { type SearchOptions, search } from '../../src/explore/search.js';
import { SharedSearch } from '../../src/explore/shared-search.js';
import { strategyNames } from '../../src/explore/strategies.js';
import type { Search } from '../../src/explore/tally.js';
import { lastzero, lostUpdate, oneAgainst25, philosophers } from './programs.js';

const identity = { scenario: 'test', program: '0badcafe', strategy: 'random', shard: null };

function plain({ strategy, benignSeen, ...rest }: Search): object {
  return { ...rest, strategy: strategy.name, totals: { ...rest.totals } };
}

/** Searches, killed and gone on from its checkpoint after each so many runs. */
async function interrupted(program: Program, options: SearchOptions, every: number): Promise<object> {
  let text: string | null = null;
  for (;;) {
    const part: SharedSearch = new SharedSearch(program, options);
    if (text !== null) restoreSearch(part, readCheckpoint(text, 'ck'), 'ck');
    let left = every;
    const done = await part.run(() => --left === 0);
    if (done) return plain(part.result());
    text = checkpointOf(part, identity, false);
  }
}

describe('a search gone on from checkpoints', () => {
  it.each([
    ['lastzero(4)', lastzero(4)],
    ['philosophers(3)', philosophers(3)],
    ['one against 25', oneAgainst25],
  ])('of %s comes to what it would have come to', async (_name, program) => {
    for (const strategy of strategyNames) {
      const options: SearchOptions = { strategy, runs: 700, keepGoing: true, countPairs: true };
      const whole = plain(search(program, options));
      expect(await interrupted(program, options, 97)).toEqual(whole);
    }
  });

  it('stops at the failure at which it would have stopped', async () => {
    const options: SearchOptions = { strategy: 'pct', depth: 1, seed: 9 };
    expect(await interrupted(oneAgainst25, options, 1)).toEqual(plain(search(oneAgainst25, options)));
  });

  it('makes runs again where what a strategy knows cannot be kept', async () => {
    const options: SearchOptions = { strategy: 'optimal-dpor', preemptionBound: 1, keepGoing: true };
    expect(await interrupted(lastzero(4), options, 11)).toEqual(plain(search(lastzero(4), options)));
  });

  it('has seen all when its budget is just what there is, and else goes on where it was', async () => {
    for (const strategy of ['dfs', 'optimal-dpor', 'source-dpor', 'bounded-dfs'] as const) {
      const whole = search(lastzero(3), { strategy });
      const { runs } = whole.totals;
      const texts: string[] = [];
      for (const fewer of [0, 1]) {
        const part = new SharedSearch(lastzero(3), { strategy, runs: runs - fewer });
        expect(await part.run()).toBe(true);
        expect(part.result()).toMatchObject({ exhaustive: fewer === 0, totals: { runs: runs - fewer } });
        expect(plain(search(lastzero(3), { strategy, runs: runs - fewer }))).toEqual(plain(part.result()));
        texts.push(checkpointOf(part, identity, true));
      }
      for (const text of texts) {
        const on = new SharedSearch(lastzero(3), { strategy });
        restoreSearch(on, readCheckpoint(text, 'ck'), 'ck');
        await on.run();
        expect(plain(on.result())).toEqual(plain(whole));
      }
    }
  });

  it('may have a larger budget', async () => {
    const small = new SharedSearch(lastzero(4), { strategy: 'random', runs: 300 });
    expect(await small.run()).toBe(true);
    const large = new SharedSearch(lastzero(4), { strategy: 'random', runs: 800 });
    restoreSearch(large, readCheckpoint(checkpointOf(small, identity, true), 'ck'), 'ck');
    await large.run();
    expect(plain(large.result())).toEqual(plain(search(lastzero(4), { strategy: 'random', runs: 800 })));
  });
});

describe('a damaged checkpoint', () => {
  const text = (): string => {
    const part = new SharedSearch(lostUpdate, { strategy: 'dfs' });
    return checkpointOf(part, identity, false);
  };
  const why = (damaged: string): string => {
    try {
      readCheckpoint(damaged, 'ck.json');
    } catch (error) {
      expect((error as { exitCode: number }).exitCode).toBe(2);
      return (error as Error).message;
    }
    throw new Error('it was taken');
  };

  it('is refused in one line', () => {
    const good = text();
    expect(readCheckpoint(good, 'ck.json').number).toBe(0);
    expect(why('')).toBe('ck.json: not a checkpoint of jiffies explore');
    expect(why('{"format":"other"}')).toBe('ck.json: not a checkpoint of jiffies explore');
    expect(why(good.slice(0, -20))).toBe('ck.json: the checkpoint is cut off');
    expect(why(good.replace('"done":false', '"done":true '))).toBe(
      'ck.json: the checkpoint is damaged: its checksum is wrong',
    );
    expect(why(good.replace('"version":1', '"version":2'))).toBe(
      'ck.json: a checkpoint of version 2, where version 1 is known',
    );
  });

  it('is refused wherever a letter was changed', () => {
    const good = text();
    for (let at = 0; at < good.length - 1; at += 7) {
      const other = good[at] === '0' ? '1' : '0';
      expect(() => readCheckpoint(good.slice(0, at) + other + good.slice(at + 1), 'ck.json')).toThrow(/^ck\.json: /);
    }
  });

  it('is refused for another search, with what differs', () => {
    const check = (more: object) => () => checkIdentity(identity, { ...identity, ...more }, 'ck.json');
    expect(check({})).not.toThrow();
    expect(check({ program: '12345678' })).toThrow(
      'ck.json: cannot go on from it: the program has changed: its fingerprint was 0badcafe and is 12345678',
    );
    expect(check({ strategy: 'pct' })).toThrow('ck.json: cannot go on from it: strategy was random and is pct');
    expect(check({ shard: '1/2' })).toThrow('ck.json: cannot go on from it: shard was not given and is 1/2');
  });
});

/** The shards of a search, as files. */
async function shardsOf(program: Program, options: SearchOptions, count: number): Promise<NamedCheckpoint[]> {
  const files: NamedCheckpoint[] = [];
  for (let index = 1; index <= count; index++) {
    const part = new SharedSearch(program, options, { shard: { index, count } });
    await part.run();
    const text = checkpointOf(part, { ...identity, shard: `${index}/${count}` }, true);
    files.push({ file: `${index}.json`, checkpoint: readCheckpoint(text, `${index}.json`) });
  }
  return files;
}

/** Fails after a while. */
const rare: Program = (p) => {
  const x = p.cell('x');
  p.task('a', function* () {
    yield x.write(1);
  });
  p.task('b', function* () {
    yield x.read;
    p.check(p.choose('number', 3000) !== 1777, 'the number came up');
  });
};

describe('merged shards', () => {
  it.each([
    ['lastzero(4)', lastzero(4), {}],
    ['philosophers(3), all failures', philosophers(3), { keepGoing: true }],
    ['philosophers(3), one failure', philosophers(3), {}],
    ['a rare failure', rare, { runs: 50_000 }],
  ] as [string, Program, SearchOptions][])('of %s are the whole', async (_name, program, more) => {
    for (const strategy of ['random', 'portfolio', 'urw'] as const) {
      if (program === rare && strategy === 'portfolio') continue;
      const options: SearchOptions = { strategy, runs: 2000, countPairs: true, ...more };
      const whole = search(program, options);
      for (const count of [1, 2, 5]) {
        const merged = mergeShards(await shardsOf(program, options, count));
        expect(merged.totals).toEqual(whole.totals);
        expect(merged.coverage).toEqual(whole.coverage);
        expect(merged.telling.failed).toEqual(whole.failed);
        expect(merged.telling.runsToFind).toBe(whole.runsToFind);
      }
    }
  });

  it('must be all of them, done, and of one search', async () => {
    const options: SearchOptions = { strategy: 'random', runs: 1000 };
    const [one, two, three] = await shardsOf(lastzero(3), options, 3);
    expect(() => mergeShards([])).toThrow('there are no checkpoints to merge');
    expect(() => mergeShards([one!, three!])).toThrow('shard 2/3 is missing');
    expect(() => mergeShards([one!, two!, { ...two!, file: 'again.json' }])).toThrow(
      'again.json: shard 2/3 is also in 2.json',
    );
    const [other] = await shardsOf(lastzero(3), options, 2);
    expect(() => mergeShards([one!, other!])).toThrow(
      '1.json: cannot merge it with 1.json: shard was of 2 and is of 3',
    );
    const unfinished = { file: 'b.json', checkpoint: { ...two!.checkpoint, done: false, number: 300 } };
    expect(() => mergeShards([one!, unfinished, three!])).toThrow(
      'b.json: shard 2/3 is not done: go on from it with --resume',
    );
    const whole = { file: 'w.json', checkpoint: { ...one!.checkpoint, identity } };
    expect(() => mergeShards([whole])).toThrow('w.json: this search is whole: it was made without --shard');
  });
});
