import { describe, expect, it } from 'vitest';
import { checkDeterminism, whereTheyPart } from '../../src/trace/compare.js';
import type { Listener, TraceEvent } from '../../src/trace/trace.js';

function event(sequence: number, a: number): TraceEvent {
  const at = { timeNs: sequence, jiffies: 0, cpu: 0, context: 'process', task: 't', stack: [] };
  return { ...at, sequence, type: 'read', subject: 'x', a, b: 0, text: '' };
}

const stream =
  (count: number, value: (i: number) => number = () => 0) =>
  (listen: Listener): void => {
    for (let i = 0; i < count; i++) listen(event(i, value(i)));
  };

describe('two runs', () => {
  it.each([0, 1, 1023, 1024, 1025, 50_000])('of the same %i events do not part', (count) => {
    expect(whereTheyPart(stream(count), stream(count))).toBeNull();
  });

  it.each([0, 1, 500, 1023, 1024, 30_000, 39_999])('part at the event that differs: %i', (at) => {
    const parting = whereTheyPart(
      stream(40_000),
      stream(40_000, (i) => (i === at ? 7 : 0)),
      { context: 3 },
    )!;
    expect(parting).toMatchObject({ at, stable: true });
    expect(parting.left[0]).toEqual(event(at, 0));
    expect(parting.right[0]).toEqual(event(at, 7));
    expect(parting.common.map((e) => e.sequence)).toEqual([at - 3, at - 2, at - 1].filter((i) => i >= 0));
    expect(parting.left.length).toBe(Math.min(4, 40_000 - at));
  });

  it.each([
    [0, 1],
    [1024, 1025],
    [2048, 3072],
    [30_000, 30_001],
    [30_720, 40_000],
  ])('part where one ends: %i and %i events', (short, long) => {
    const parting = whereTheyPart(stream(short), stream(long))!;
    expect(parting).toMatchObject({ at: short, left: [] });
    expect(parting.right[0]).toEqual(event(short, 0));
  });
});

describe('a run with hidden nondeterminism', () => {
  it('is caught, with both versions of the event, even if it is never the same twice', () => {
    let calls = 0;
    const parting = checkDeterminism((listen) => stream(100, (i) => (i < 60 ? 0 : ++calls))(listen))!;
    expect(parting.at).toBe(60);
    expect(parting.left[0]!.a).not.toBe(parting.right[0]!.a);
  });

  it('is caught in a long run', () => {
    let runs = 0;
    const parting = checkDeterminism((listen) => {
      const run = ++runs;
      stream(60_000, (i) => (i < 50_000 ? 0 : run))(listen);
    })!;
    expect(parting).toMatchObject({ at: 50_000, stable: true });
  });

  it('is caught in a long run that then behaves', () => {
    let runs = 0;
    const parting = checkDeterminism((listen) => {
      const odd = ++runs === 1;
      stream(60_000, (i) => (odd && i === 50_000 ? 1 : 0))(listen);
    })!;
    expect(parting).toMatchObject({ stable: false, left: [], right: [] });
    expect(Math.abs(parting.at - 50_000)).toBeLessThan(1024);
  });

  it('is not claimed of one without', () => expect(checkDeterminism(stream(3000))).toBeNull());
});
