import { describe, expect, it } from 'vitest';
import { eventNames, events } from '../../src/trace/event-types.js';
import { type Stamp, Trace, type TraceEvent } from '../../src/trace/trace.js';

const stamp: Stamp = { timeNs: 0, jiffies: 0, cpu: 0, context: 'none', task: '', stack: [] };
const trace = (): Trace => new Trace(() => stamp);
const print = (fill: (t: Trace) => void): string => {
  const t = trace();
  fill(t);
  return t.fingerprint();
};
const subject = { id: 3, name: 'x' };

describe('the fingerprint', () => {
  it('is 16 hexadecimal digits', () => expect(print(() => {})).toMatch(/^[0-9a-f]{16}$/));

  it('is made of every field, in order', () => {
    const variants: ((t: Trace) => void)[] = [
      () => {},
      (t) => t.emit(events.read, 0, 0, null, 0, 0),
      (t) => t.emit(events.write, 0, 0, null, 0, 0),
      (t) => t.emit(events.read, 1, 0, null, 0, 0),
      (t) => t.emit(events.read, 2 ** 40, 0, null, 0, 0),
      (t) => t.emit(events.read, 0, 1, null, 0, 0),
      (t) => t.emit(events.read, 0, 0, subject, 0, 0),
      (t) => t.emit(events.read, 0, 0, null, 1, 0),
      (t) => t.emit(events.read, 0, 0, null, 0, 1),
      (t) => t.emit(events.read, 0, 0, null, 2 ** 40, 0),
      (t) => t.emit(events.read, 0, 0, null, -(2 ** 40), 0),
      (t) => t.emitText(events.printk, 0, 0, null, ''),
      (t) => t.emitText(events.printk, 0, 0, null, 'ab'),
      (t) => t.emitText(events.printk, 0, 0, null, 'ba'),
      (t) => t.seal('ab'),
    ];
    expect(new Set(variants.map(print)).size).toBe(variants.length);
    const ab = print((t) => [1, 2].forEach((a) => void t.emit(events.read, 0, 0, null, a, 0)));
    const ba = print((t) => [2, 1].forEach((a) => void t.emit(events.read, 0, 0, null, a, 0)));
    expect(ab).not.toBe(ba);
  });

  it('has no collisions among 100,000 short streams', () => {
    const seen = new Set<string>();
    for (let a = 0; a < 316; a++) {
      for (let b = 0; b < 316; b++) {
        seen.add(
          print((t) => {
            t.emit(events.read, 0, 0, null, a, 0);
            t.emit(events.write, 0, 0, null, b, 0);
          }),
        );
      }
    }
    expect(seen.size).toBe(316 * 316);
  });

  it('is the same whether somebody listens', () => {
    const fill = (t: Trace): void => {
      t.emit(events.read, 5, 1, subject, 7, 8);
      t.emitText(events.printk, 6, 1, subject, 'text', 2);
    };
    const heard: TraceEvent[] = [];
    const listened = print((t) => {
      t.listen((event) => heard.push(event));
      fill(t);
    });
    expect(listened).toBe(print(fill));
    expect(heard.map((e) => [e.sequence, e.type, e.subject, e.a, e.b, e.text])).toEqual([
      [1, 'read', 'x', 7, 8, ''],
      [2, 'printk', 'x', 2, 0, 'text'],
    ]);
  });
});

describe('event names', () => {
  it('are distinct, and numbered as listed', () => {
    expect(new Set(eventNames).size).toBe(eventNames.length);
    for (const [index, name] of eventNames.entries()) expect(events[name]).toBe(index);
  });
});
