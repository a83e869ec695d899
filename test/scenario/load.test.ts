import { describe, expect, it } from 'vitest';
import { load, refusals } from './helpers.js';

const machine = '{hz: 250, cpus: 2}';

/** Line 3 is the machine, line 8 the steps, line 9 and on what is added. */
function file(parts: { machine?: string; steps?: string; more?: string }): string {
  return `title: t
story: s
machine: ${parts.machine ?? machine}
until: 1s
cells: {x: 0}
actors:
  - name: a
    do: ${parts.steps ?? '[{read: {cell: x}}]'}
${parts.more ?? ''}`;
}

const ofSteps = (steps: string): string[] => refusals(file({ steps }));
const ofMore = (more: string): string[] => refusals(file({ more }));
const ofMachine = (text: string): string[] => refusals(file({ machine: text }));

type Sample = readonly [text: string, error: string];

describe('a file that is right', () => {
  it('has nothing to complain about', () => {
    expect(refusals(file({}))).toEqual([]);
  });

  it('is called by its file', () => {
    expect(load(file({}), 'some/where/2008-x.yaml').name).toBe('2008-x');
    expect(load(file({}), 'C:\\some\\y.yml').name).toBe('y');
  });
});

describe('unknown keys, with the nearest that there is', () => {
  it.each<Sample>([
    ['untill: 2s', "9:1: unknown key 'untill', expected one of title, story, %; did you mean 'until'?"],
    [
      'bug: {metrik: {name: gc.runs}}',
      "9:7: bug: unknown condition 'metrik', expected one of %; did you mean 'metric'?",
    ],
    ['bug: {metric: {name: gc.runs, abov: 3}}', "9:31: bug.metric: unknown key 'abov', %; did you mean 'above'?"],
    ['variants: {v: {machin: {cpus: 1}}}', "9:16: variants.v: unknown key 'machin', %; did you mean 'machine'?"],
    [
      'schedule: [{hold: {actor: a, befor: {cpu: 0}}, until: {actor: a}}]',
      "9:30: schedule[0].hold: unknown key 'befor', %; did you mean 'before'?",
    ],
  ])('%s', (more, error) => {
    expect(ofMore(more)).toContainEqual(expect.stringMatching(like(error)));
  });

  it.each<Sample>([
    ['[{mod_timr: {timer: t0}}]', "8:11: actors[0].do[0]: unknown action 'mod_timr', %; did you mean 'mod_timer'?"],
    ['[{read: {cel: x}}]', "8:18: actors[0].do[0].read: unknown key 'cel', expected 'cell'; did you mean 'cell'?"],
    ['[{read: {cell: x}, whn: 5ms}]', "8:28: actors[0].do[0]: unknown action 'whn', %"],
  ])('%s', (steps, error) => {
    expect(ofSteps(steps)[0]).toMatch(like(error));
  });

  it('lists all that is wrong with the form, in the order of the file', () => {
    const errors = refusals('title: t\nmachine: {cpus: 2}\nactors: []\n');
    expect(errors.map((line) => line.replace(/, (expected|found).*/, ''))).toEqual([
      "f.yaml:1:1: missing 'story'",
      "f.yaml:1:1: missing 'until'",
      "f.yaml:2:1: machine: missing 'hz'",
      'f.yaml:3:9: actors: expected a list of 1 to 1000 items',
    ]);
  });
});

describe('values of the wrong kind', () => {
  it.each<Sample>([
    ['[]', '8:9: actors[0].do: expected a list of 1 to 100000 items, found an empty list'],
    ['[{at: 5ms}]', '8:10: actors[0].do[0]: missing the action'],
    [
      '[{read: {cell: x}, write: {cell: x, value: 1}}]',
      '8:28: actors[0].do[0].write: expected one action, found 2: read, write',
    ],
    [
      '[{at: 5, read: {cell: x}}]',
      '8:15: actors[0].do[0].at: expected a duration with a unit (jiffies, ns, us, ms, s, min, h), found 5',
    ],
    ['[{wait: -5 ms}]', '8:17: actors[0].do[0].wait: expected a duration of at least 0, found -5 ms'],
    ['[{wait: 99999999999 s}]', "8:17: actors[0].do[0].wait: expected a shorter duration, found '99999999999 s'"],
    ['[{wait: 4294967295 jiffies}]', '8:17: 4294967295 jiffies are too long at HZ=250'],
    ['[{write: {cell: x, value: 1e300}}]', '8:35: actors[0].do[0].write.value: expected a whole number, found 1e300'],
    ['[{write: {cell: x, value: .nan}}]', '8:35: actors[0].do[0].write.value: expected a whole number, found .nan'],
    [
      '[{alloc: {group: g, count: -1}}]',
      '8:36: actors[0].do[0].alloc.count: expected a whole number from 0 to 10000000, found -1',
    ],
  ])('%s', (steps, error) => {
    expect(ofSteps(steps)).toEqual([`f.yaml:${error}`]);
  });

  it.each<Sample>([
    ['{hz: 300}', '3:15: machine.hz: HZ must divide 10^9 (100, 250, 1000 …)'],
    ['{hz: -250}', '3:15: machine.hz: expected a whole number from 1 to 100000, found -250'],
    ['{hz: 250, cpus: 65}', '3:26: machine.cpus: expected a whole number from 1 to 64, found 65'],
    ['{hz: 250, initialJiffies: -1}', '3:36: machine.initialJiffies: expected a whole number of at least 0, found -1'],
    [
      '{hz: 250, kernel: 2.6.30}',
      "3:28: machine.kernel: expected one of 2.6.12, %, found '2.6.30'; did you mean '2.6.20'?",
    ],
  ])('%s', (text, error) => {
    expect(ofMachine(text)[0]).toMatch(like(error));
  });

  it.each<Sample>([
    ['seed: 4294967296', '9:7: seed: expected a whole number from 0 to 4294967295, found 4294967296'],
    ['expect: {}', '9:9: expect: expected a list of at most 1000 items, found an empty mapping'],
    ['network: {devices: {eth 0: {}}}', "9:21: network.devices: expected text of the form % as key, found 'eth 0'"],
    [
      'schedule: [{hold: {before: {cpu: 0}}, until: {actor: a}}]',
      "9:19: schedule[0].hold: needs 'actor' or 'cpu', one of them",
    ],
    [
      'schedule: [{hold: {actor: a}, until: {actor: a}}]',
      "9:19: schedule[0].hold: needs 'before' or 'after', one of them",
    ],
  ])('%s', (more, error) => {
    expect(ofMore(more)).toEqual([expect.stringMatching(like(error))]);
  });
});

describe('names that nothing has', () => {
  it.each<Sample>([
    ['[{read: {cell: y}}]', "8:24: there is no cell 'y'; did you mean 'x'?"],
    ['[{cmpxchg: {cell: toString, expected: 0, value: 1}}]', "8:27: there is no cell 'toString'"],
    ['[{del_timer: {timer: t0}}]', "8:30: there is no timer 't0'; declare it under 'timers:'"],
    ['[{schedule_work: {work: w0}}]', "8:33: there is no work 'w0'; declare it under 'works:'"],
    ['[{dst_free: {dst: route}}]', "8:27: dst 'route' is never allocated"],
    [
      '[{dst_alloc: {dst: route}}, {dst_free: {dst: rout}}]',
      "8:54: dst 'rout' is never allocated; did you mean 'route'?",
    ],
    ['[{dst_alloc: {dst: route, child: kid}}]', "8:42: dst 'kid' is never allocated"],
    [
      '[{alloc: {group: routes, count: 3}}, {release: {group: route}}]',
      "8:64: group 'route' never gets entries; did you mean 'routes'?",
    ],
    ['[{cpu: 2, read: {cell: x}}]', '8:16: there is no CPU 2: the machine has 2, numbered from 0'],
    ['[{hold_cpu: 2}]', '8:21: there is no CPU 2: the machine has 2, numbered from 0'],
    ['[{run_worker: 63}]', '8:23: there is no CPU 63: the machine has 2, numbered from 0'],
    [
      '[{repeat: {count: 2, do: [{repeat: {count: 2, do: [{read: {cell: z}}]}}]}}]',
      "8:74: there is no cell 'z'; did you mean 'x'?",
    ],
  ])('%s', (steps, error) => {
    expect(ofSteps(steps)).toEqual([`f.yaml:${error}`]);
  });

  it.each<Sample>([
    ['fixedBy: R27', "9:10: unknown commit 'R27'; did you mean 'R2'?"],
    ['introducedBy: backof-fix', "9:15: unknown commit 'backof-fix'; did you mean 'backoff-fix'?"],
    ['related: [R3, nothing-like-it]', "9:15: unknown commit 'nothing-like-it'"],
    ['assuming: [work-queue]', "9:12: unknown commit 'work-queue'; did you mean 'workqueue'?"],
    ['at: 2.6.99', "9:5: kernel version '2.6.99' is not in this history; versions go from 2.6.12-rc2 to 2.6.29"],
    [
      'timers: {tick: {handler: [{mod_timer: {timer: tock, expires: 1 jiffy}}]}}',
      "9:47: there is no timer 'tock'; did you mean 'tick'?",
    ],
    ['works: {w: {function: [{schedule_work: {work: v}}]}}', "9:47: there is no work 'v'; did you mean 'w'?"],
    ['  - {name: a, do: [{read: {cell: x}}]}', "9:12: there are two actors named 'a'"],
    ['  - {name: b, cpu: 2, do: [{read: {cell: x}}]}', '9:20: there is no CPU 2: the machine has 2, numbered from 0'],
    [
      'schedule: [{hold: {actor: b, before: {cpu: 0}}, until: {actor: a}}]',
      "9:27: there is no actor 'b'; did you mean 'a'?",
    ],
    [
      'schedule: [{hold: {actor: a, before: {cpu: 7}}, until: {actor: a}}]',
      '9:44: there is no CPU 7: the machine has 2, numbered from 0',
    ],
    [
      'schedule: [{hold: {cpu: 0, after: {cpu: 0}}, until: [{cpu: 1}, {actor: other}]}]',
      "9:72: there is no actor 'other'",
    ],
    [
      'schedule: [{hold: {cpu: 0, after: {actor: events/1}}, until: {actor: aa}}]',
      "9:70: there is no actor 'aa'; did you mean 'a'?",
    ],
    [
      'variants: {one: {machine: {cpus: 1}}}\nschedule: []\nworks: {w: {function: [{cpu: 1, read: {cell: x}}]}}',
      "11:30: there is no CPU 1: the machine has 1, numbered from 0 (variant 'one')",
    ],
  ])('%s', (more, error) => {
    expect(ofMore(more)).toEqual([`f.yaml:${error}`]);
  });

  it.each<Sample>([
    ['{metric: {name: gc.run, is: 1}}', "22: bug.metric.name: there is no metric 'gc.run'; did you mean 'gc.runs'?"],
    ['{call: {name: mod_timr}}', "20: there is no call 'mod_timr'; did you mean 'mod_timer'?"],
    ['{call: {name: mark}}', "20: there is no call 'mark'"],
    ['{timer: {name: t}}', "21: there is no timer 't'"],
    ['{fired: [dst_gc_timer, t]}', "29: there is no timer 't'"],
    [
      '{violation: {of: use-after-fre}}',
      "23: bug.violation.of: there is no kind of violation 'use-after-fre'; did you mean 'use-after-free'?",
    ],
    ['{not: {call: {name: nope}}}', "26: there is no call 'nope'"],
    [
      '{any: [{call: {name: read}}, {all: [{timer: {name: dst_gc_timr}}]}]}',
      "57: there is no timer 'dst_gc_timr'; did you mean 'dst_gc_timer'?",
    ],
    ['{series: {column: expire}}', "%; did you mean 'expires'?"],
  ])('a condition: %s', (condition, error) => {
    expect(ofMore(`bug: ${condition}`)[0]).toMatch(like(`9:${error}`));
  });
});

describe('expectations', () => {
  const expectation = (text: string): string[] => ofMore(`expect: [{${text}, that: {metric: {name: gc.runs, is: 0}}}]`);

  it.each<Sample>([
    ['at: R5..R3', '9:15: the range R5..R3 is empty: R5 is after R3'],
    ['at: R99', "9:15: unknown revision 'R99'; did you mean 'R9'?"],
    [
      'at: restore-when-pending',
      "9:15: 'restore-when-pending' is not one of the 26 commits; use 'with:' for the others",
    ],
    ['at: newest-R25', "9:15: 'newest-R25' is not one of the 26 commits; use 'with:' for the others"],
    ['with: [R99]', "9:18: unknown commit 'R99'; did you mean 'R9'?"],
    ['variant: toString', "9:20: there is no variant 'toString'"],
  ])('%s', (text, error) => {
    expect(expectation(text)).toEqual([`f.yaml:${error}`]);
  });

  it.each([
    ['at: R7', 7, 7],
    ['at: R3..R13', 3, 13],
    ['at: R14..', 14, 26],
    ['at: ..R13', 1, 13],
    ['at: 2.6.24..newest', 17, 26],
    ['at: "86bba269d08f^"', 13, 13],
    ['because: all', 1, 26],
  ])('%s', (text, from, to) => {
    const [only] = load(file({ more: `expect: [{${text}, that: {metric: {name: gc.runs, is: 0}}}]` })).expect;
    expect(only).toMatchObject({ from, to, place: 'f.yaml:9:10' });
  });
});

describe('waiting where nobody can', () => {
  const inHandler = (step: string): string[] => ofMore(`timers: {t: {handler: [${step}]}}`);
  const softirq = "waits, and a timer's handler can't: it runs in a softirq";

  it.each<Sample>([
    ['{after: 5ms, read: {cell: x}}', `9:25: 'after' ${softirq}`],
    ['{at: 5ms, read: {cell: x}}', `9:25: 'at' ${softirq}`],
    ['{wait: 5ms}', `9:25: 'wait' ${softirq}`],
    ['{user: 5ms}', `9:25: 'user' ${softirq}`],
    ['{repeat: {count: 2, every: 5ms, do: [{read: {cell: x}}]}}', `9:44: 'every' ${softirq}`],
    ['{repeat: {count: 2, do: [{wait: 5ms}]}}', `9:50: 'wait' ${softirq}`],
    ['{alloc: {group: g, count: 4, over: 5ms}}', `9:53: 'over' ${softirq}`],
    ['{alloc: {group: g, count: 4, rate: 5}}', `9:53: 'rate' ${softirq}`],
  ])("in a timer's handler: %s", (step, error) => {
    expect(inHandler(step)).toEqual([`f.yaml:${error}`]);
  });

  it('on another CPU', () => {
    const error = "waits, and what 'cpu:' makes another CPU do can't: it runs in an interrupt there";
    expect(ofSteps('[{cpu: 1, wait: 5ms}]')).toEqual([`f.yaml:8:19: 'wait' ${error}`]);
    expect(ofSteps('[{cpu: 1, repeat: {count: 2, do: [{after: 5ms, read: {cell: x}}]}}]')).toEqual([
      `f.yaml:8:44: 'after' ${error}`,
    ]);
    expect(ofSteps('[{at: 5ms, cpu: 1, read: {cell: x}}]')).toEqual([]);
  });

  it('does not forbid what shows sleeping in atomic context, nor waiting in a work', () => {
    expect(inHandler('{msleep: 5}, {mutex_lock: {mutex: m}}, {schedule_timeout: 5 jiffies}')).toEqual([]);
    expect(ofMore('works: {w: {function: [{after: 5ms, read: {cell: x}}, {wait: 1s}]}}')).toEqual([]);
  });
});

describe('limits', () => {
  it('on entries', () => {
    const tooMany = 'more than 10000000 entries are allocated in all';
    expect(ofSteps('[{repeat: {count: 1000, do: [{alloc: {group: g, count: 10000}}]}}]')).toEqual([]);
    expect(ofSteps('[{repeat: {count: 1000, do: [{alloc: {group: g, count: 10001}}]}}]')).toEqual([
      `f.yaml:8:64: ${tooMany}`,
    ]);
    const parts = '{alloc: {group: g, count: 9999999}}, {connections: {count: 2, hold: {fixed: 1s}}}';
    expect(ofSteps(`[${parts}]`)).toEqual([`f.yaml:8:69: ${tooMany}`]);
  });

  it('on actions', () => {
    const ten = `&ten {repeat: {count: 1, do: [${Array(9).fill('{mark: m}').join(', ')}]}}`;
    const steps = `${ten}${', *ten'.repeat(9_999)}`;
    expect(ofSteps(`[${steps}]`)).toEqual([]);
    const [error, ...others] = ofSteps(`[${steps}, {mark: m}]`);
    expect(others).toEqual([]);
    expect(error).toMatch(/^f\.yaml:8:\d+: more than 100000 actions$/);
  });

  it('on bytes', () => {
    expect(refusals(`${file({})}#${'x'.repeat(1_000_000)}`)[0]).toMatch(/at most 1000000 are read$/);
  });
});

describe('hostile YAML', () => {
  it.each<Sample>([
    ['allow: &k [bug]\nrelated: *k', "9:12: unknown commit 'bug'"],
    ['__proto__: {}', "9:1: the key '__proto__' is not allowed"],
    ['network: {<<: {debug: 1}}', '9:11: the merge key << is not taken; write the keys out'],
    ['cells: {y: 1}', "9:1: the key 'cells' stands here twice; the first is at 5:1"],
    ['allow: [!!js/function x]', '9:9: %'],
  ])('%s', (more, error) => {
    expect(ofMore(more)[0]).toMatch(like(error));
  });

  it('a bomb of aliases', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`);
    const [error] = ofMore(['l0: &l0 [x]', ...levels].join('\n'));
    expect(error).toMatch(/^f\.yaml:\d+:\d+: /);
  });

  it('nothing at all', () => {
    expect(refusals('')).toEqual(['f.yaml:1:1: the file is empty']);
  });
});

/** A pattern from a message: % stands for anything, the file's name goes before it. */
function like(message: string): RegExp {
  const literal = message.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll('%', '.*');
  return new RegExp(`^f\\.yaml:${literal}$`, 'u');
}
