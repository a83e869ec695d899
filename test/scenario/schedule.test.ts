import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/scenario/load.js';
import { returns, run, small } from './helpers.js';

/** a writes x, reads y, writes x; b reads x, writes y, reads x. Unheld, a does all of it before b. */
function race(schedule: string): Scenario {
  return small(`
cells: {x: 0, y: 0}
actors:
  - {name: a, cpu: 0, do: [{write: {cell: x, value: 1}}, {read: {cell: y}}, {write: {cell: x, value: 2}}]}
  - {name: b, cpu: 1, do: [{read: {cell: x}}, {write: {cell: y, value: 5}}, {read: {cell: x}}]}
schedule: ${schedule}
`);
}

/** What a read of y, and what b read of x, first and last. */
function seen(scenario: Scenario): string {
  const { calls } = run(scenario).result;
  const reads = (cell: string): unknown[] =>
    calls.filter((c) => c.call === 'read' && c.args['cell'] === cell).map((c) => c.ret);
  return `y ${reads('y')} x ${reads('x')}`;
}

const notes = (scenario: Scenario): readonly string[] => run(scenario).result.notes;

describe('a hold', () => {
  it('is not needed for actors to go in order of their CPUs', () => {
    expect(seen(race('[]'))).toBe('y 0 x 2,2');
  });

  it.each([
    ['before an operation', '{hold: {actor: a, before: {object: x}}, until: {actor: b, object: y}}', 'y 5 x 0,2'],
    [
      'before the second',
      '{hold: {actor: a, before: {object: x, nth: 2}}, until: {actor: b, object: x, nth: 2}}',
      'y 0 x 1,1',
    ],
    [
      'after an operation',
      '{hold: {actor: a, after: {object: x, access: write}}, until: {actor: b, object: y}}',
      'y 5 x 1,2',
    ],
    [
      'after the second',
      '{hold: {actor: a, after: {access: read}}, until: {actor: b, object: x, access: read, nth: 2}}',
      'y 0 x 1,1',
    ],
    ['of a CPU', '{hold: {cpu: 0, before: {object: y}}, until: {cpu: 1, object: y, access: write}}', 'y 5 x 1,2'],
    [
      'until any of a list',
      '{hold: {cpu: 0, before: {object: x}}, until: [{object: z}, {object: x, access: read}]}',
      'y 0 x 0,2',
    ],
  ])('%s', (_, hold, outcome) => {
    expect(seen(race(`[${hold}]`))).toBe(outcome);
    expect(notes(race(`[${hold}]`))).toEqual([]);
  });

  it('works together with others: one step each in turn', () => {
    const holds = [
      '{hold: {actor: a, after: {object: x}}, until: {actor: b, object: x}}',
      '{hold: {actor: b, after: {object: x}}, until: {actor: a, object: y}}',
      '{hold: {actor: a, after: {object: y}}, until: {actor: b, object: x, nth: 2}}',
    ];
    expect(seen(race(`[${holds.join(', ')}]`))).toBe('y 0 x 1,1');
  });

  it('keeps its CPU from everything else on it', () => {
    const scenario = small(`
cells: {x: 0}
timers: {t: {}}
actors:
  - {name: a, cpu: 0, do: [{mod_timer: {timer: t, expires: 2 jiffies}}, {read: {cell: x}}]}
  - {name: b, cpu: 1, do: [{at: 100ms, write: {cell: x, value: 1}}]}
schedule: [{hold: {actor: a, before: {object: x}}, until: {actor: b, object: x}}]
`);
    expect(returns(run(scenario))).toEqual(['mod_timer 0', 'read 1', 'write null']);
    expect(run(scenario).result.timers).toHaveLength(1);
  });

  it('finds operations inside modelled functions, by the names of traces', () => {
    const scenario = (revision: string) =>
      run(
        small(`
actors:
  - {name: a, cpu: 0, do: [{dst_alloc: {dst: d}}, {at: 10ms, dst_release: {dst: d}}]}
  - {name: b, cpu: 1, do: [{at: 10ms, dst_hold: {dst: d}}]}
schedule:
  - hold: {actor: a, before: {function: dst_release, object: d.__refcnt, access: rmw}}
    until: {actor: b, object: d.__refcnt}
`),
        revision,
      );
    // Held after its look at the count; from R26 on it does not look.
    expect(returns(scenario('R25'))).toEqual(['dst_alloc 1', 'dst_release 1', 'dst_hold 2']);
    expect(scenario('R25').result.notes).toEqual([]);
    expect(scenario('R26').result.notes).toEqual([]);
  });
});

describe('notes say when a hold', () => {
  const did = 'the hold did nothing';

  it.each([
    [
      'has a point that does not exist',
      '{hold: {actor: a, before: {function: nowhere}}, until: {actor: b, object: y}}',
      `schedule[0] holds a before any operation in nowhere: that point does not exist in this run; ${did}`,
    ],
    [
      'came too late',
      '{hold: {actor: b, before: {object: y}}, until: {actor: a, object: x}}',
      `schedule[0] holds b before any access of y: what it waits for came first; ${did}`,
    ],
    [
      'counts further than the run',
      '{hold: {actor: b, before: {object: y, nth: 9}}, until: {actor: a, field: none}}',
      `schedule[0] holds b before #9 any access of y: that point came less often; ${did}`,
    ],
    [
      'never ended',
      '{hold: {cpu: 0, before: {object: y, access: read}}, until: {object: z}}',
      'schedule[0] holds CPU 0 before read of y: what it waits for never came; it was held to the end',
    ],
  ])('%s', (_, hold, note) => {
    expect(notes(race(`[${hold}]`))).toEqual([note]);
  });

  it('and nothing when it did what it should', () => {
    expect(notes(race('[{hold: {actor: a, before: {object: x}}, until: {actor: b, object: x}}]'))).toEqual([]);
  });
});
