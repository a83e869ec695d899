import { describe, expect, it } from 'vitest';
import { RandomStream, RandomStreams } from '../../src/sim/random.js';

const draws = (stream: RandomStream, count = 8): number[] => Array.from({ length: count }, () => stream.below(1000));

describe('random streams', () => {
  it('are a function of seed and name', () => {
    expect(draws(new RandomStream(1, 'a'))).toEqual(draws(new RandomStream(1, 'a')));
    expect(draws(new RandomStream(1, 'a'))).not.toEqual(draws(new RandomStream(1, 'b')));
  });

  it('differ for seeds that repeat each other: seedrandom takes 1 and 11 for the same', () => {
    expect(draws(new RandomStream(1, ''))).not.toEqual(draws(new RandomStream(11, '')));
    expect(draws(new RandomStream(1, '1'))).not.toEqual(draws(new RandomStream(11, '')));
  });

  it('draw the same numbers in any version of this program', () => {
    expect(draws(new RandomStream(1, 'golden'), 4)).toMatchInlineSnapshot(`
      [
        441,
        304,
        111,
        510,
      ]
    `);
  });

  it('do not disturb each other', () => {
    const streams = new RandomStreams(7);
    const a = draws(streams.stream('a'), 2);
    draws(streams.stream('b'), 5);
    expect([...a, ...draws(streams.stream('a'), 2)]).toEqual(draws(new RandomStream(7, 'a'), 4));
  });

  it('are built when first drawn from', () => {
    const streams = new RandomStreams(7);
    const { streams: built } = streams as unknown as { streams: Map<string, unknown> };
    expect(built.size).toBe(0);
    streams.stream('a');
    expect([...built.keys()]).toEqual(['a']);
  });

  it.each([1, 2, 3, 0x10000, 0x10001, 2 ** 32])('stay below %d', (bound) => {
    const stream = new RandomStream(3, 'bound');
    for (let i = 0; i < 2000; i++) {
      const value = stream.below(bound);
      expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true);
    }
  });

  it.each([0, -1, Number.NaN, 2 ** 32 + 1, Number.POSITIVE_INFINITY])('refuse the bound %d', (bound) => {
    expect(() => new RandomStream(3, 'bound').below(bound)).toThrow('a draw below');
  });

  it('reach every value about equally often', () => {
    const stream = new RandomStream(5, 'uniform');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i++) counts[stream.below(10)]!++;
    // Four standard deviations of a binomial of 20,000 draws at 1/10.
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(170);
  });
});
