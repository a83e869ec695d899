import { expect, it } from 'vitest';
import { formatEvent, formatSeconds, textLegend } from '../../src/trace/text.js';
import type { TraceEvent } from '../../src/trace/trace.js';

const event = (changes: Partial<TraceEvent>): TraceEvent => ({
  sequence: 1,
  timeNs: 4_000_001,
  jiffies: 4294892297,
  cpu: 1,
  context: 'softirq',
  task: 'swapper',
  stack: [],
  type: 'read',
  subject: 'dst.refcnt',
  a: 0,
  b: 0,
  text: '',
  ...changes,
});

it('is one line per event, in columns', () => {
  const lines = [
    event({ a: 2 }),
    event({ type: 'write', a: 2, b: 3, stack: ['dst_gc_task', 'dst_destroy'] }),
    event({ type: 'printk', subject: '', text: 'hello', a: 4, context: 'process', task: 'events/1' }),
    event({ type: 'workqueue_execute_start', subject: 'gc', a: 1, context: 'hardirq' }),
    event({ type: 'timer_start', subject: 'gc.timer', a: 4294892447, b: 1, context: 'none', cpu: 63 }),
  ].map(formatEvent);
  expect([textLegend.split('\n').at(-1), ...lines].join('\n')).toMatchInlineSnapshot(`
    "#            time     jiffies  cpu   task             event                    subject  in
             0.004000001  4294892297   1 s  swapper          read                     dst.refcnt =2
             0.004000001  4294892297   1 s  swapper          write                    dst.refcnt 2<-3   in dst_destroy
             0.004000001  4294892297   1 P  events/1         printk                   hello =4
             0.004000001  4294892297   1 H  swapper          workqueue_execute_start  gc =1
             0.004000001  4294892297  63 .  swapper          timer_start              gc.timer =4294892447 1"
  `);
});

it('keeps control characters from the terminal', () => {
  expect(formatEvent(event({ task: 'a\u001b[31m\n', text: '\u009b' }))).toMatch(/a\\x1b\[31m\\x0a .*\\x9b/);
});

it.each([
  [0, '0.000000000'],
  [1, '0.000000001'],
  [1_500_000_000, '1.500000000'],
  [864_000_000_000_001, '864000.000000001'],
])('%d ns is %s s', (ns, text) => expect(formatSeconds(ns)).toBe(text));
