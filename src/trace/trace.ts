/**
 * What happened, in order: the one place every room reports to.
 *
 * Each event is folded into the run's fingerprint as it is emitted, from its numbers alone, so that a fingerprint
 * costs no object. Event objects are made only while somebody listens, and listening changes nothing.
 *
 * Ordering rule: events are numbered in the order of emission, which is the order of virtual time.
 */
import { type EventType, eventNames } from './event-types.js';

/** Whatever an event can be about: a cell, a lock, a timer, a device, a dst. */
export interface Subject {
  /** Number unique within one run, given in order of creation. */
  readonly id: number;
  /** The name a reader knows it by. */
  readonly name: string;
}

/** Where and when the event happened, asked for only while somebody listens. */
export interface Stamp {
  /** Virtual time, ns since boot. */
  readonly timeNs: number;
  /** The jiffies counter as the kernel would read it. */
  readonly jiffies: number;
  readonly cpu: number;
  /** `process`, `softirq`, `hardirq` or `none`. */
  readonly context: string;
  /** Name of the task, or of the interrupted one. */
  readonly task: string;
  /** Modelled kernel functions entered, outermost first. */
  readonly stack: readonly string[];
}

export interface TraceEvent extends Stamp {
  readonly sequence: number;
  readonly type: string;
  readonly subject: string;
  /** First value: for a read the value read, for a write the value written, for a call its return value. */
  readonly a: number;
  /** Second value: for a write the old value; otherwise by event type. */
  readonly b: number;
  readonly text: string;
}

export type Listener = (event: TraceEvent) => void;

const nobody: Subject = { id: 0, name: '' };

export class Trace {
  private low = 0x9e3779b9 | 0;
  private high = 0x7f4a7c15 | 0;
  private lastTimeNs = 0;
  private listeners: Listener[] | null = null;
  private readonly stamp: () => Stamp;
  /** Events emitted so far. */
  count = 0;

  constructor(stamp: () => Stamp) {
    this.stamp = stamp;
  }

  get observed(): boolean {
    return this.listeners !== null;
  }

  listen(listener: Listener): void {
    this.listeners ??= [];
    this.listeners.push(listener);
  }

  /** One event. `timeNs` is the virtual time; `a` and `b` are whole numbers below 2^53. */
  emit(type: EventType, timeNs: number, cpu: number, subject: Subject | null, a: number, b: number): void {
    if (timeNs !== this.lastTimeNs) {
      this.lastTimeNs = timeNs;
      this.mixWide(timeNs);
    }
    this.mix((type << 8) ^ cpu, subject === null ? 0 : subject.id);
    this.mix(a | 0, b | 0);
    if (a > 0xffffffff || a < -0x80000000) this.mixWide(a);
    if (b > 0xffffffff || b < -0x80000000) this.mixWide(b);
    this.count++;
    if (this.listeners !== null) this.tell(type, subject, a, b, '');
  }

  /**
   * Events of one kind that follow each other `stepNs` apart, the first at `timeNs`: of the subjects numbered `ids`, with the
   * values `a` (whole numbers of 32 bits), `count` of each. The same as so many calls of {@link emit}, in a fraction of the
   * time; only while nobody listens.
   */
  emitRun(
    type: EventType,
    timeNs: number,
    stepNs: number,
    cpu: number,
    ids: Int32Array,
    a: Int32Array,
    count: number,
  ): void {
    const kind = (type << 8) ^ cpu;
    let { low, high, lastTimeNs } = this;
    let now = timeNs;
    for (let i = 0; i < count; i++) {
      if (now !== lastTimeNs) {
        lastTimeNs = now;
        const l = Math.imul(low ^ now, 0xcc9e2d51);
        const h = Math.imul(high ^ Math.floor(now / 0x100000000), 0x1b873593);
        low = (((l << 13) | (l >>> 19)) + h) | 0;
        high = ((h << 17) | (h >>> 15)) ^ l;
      }
      const l = Math.imul(low ^ kind, 0xcc9e2d51);
      const h = Math.imul(high ^ ids[i]!, 0x1b873593);
      low = (((l << 13) | (l >>> 19)) + h) | 0;
      high = ((h << 17) | (h >>> 15)) ^ l;
      const m = Math.imul(low ^ a[i]!, 0xcc9e2d51);
      const n = Math.imul(high, 0x1b873593);
      low = (((m << 13) | (m >>> 19)) + n) | 0;
      high = ((n << 17) | (n >>> 15)) ^ m;
      now += stepNs;
    }
    this.low = low;
    this.high = high;
    this.lastTimeNs = lastTimeNs;
    this.count += count;
  }

  /** An event that carries text (a kernel log line, a violation): the text is part of the fingerprint. */
  emitText(type: EventType, timeNs: number, cpu: number, subject: Subject | null, text: string, a = 0): void {
    const listeners = this.listeners;
    this.listeners = null;
    this.emit(type, timeNs, cpu, subject, a, text.length);
    this.listeners = listeners;
    for (let i = 0; i < text.length; i++) this.mix(text.charCodeAt(i), i);
    if (listeners !== null) this.tell(type, subject, a, 0, text);
  }

  /** Folds a string that is no event of its own into the fingerprint (the hash of a user's own fix, say). */
  seal(text: string): void {
    for (let i = 0; i < text.length; i++) this.mix(text.charCodeAt(i), ~i);
  }

  /** 16 hexadecimal digits: a hash over the fields of all events so far, in order. */
  fingerprint(): string {
    let low = this.low ^ this.count;
    let high = this.high;
    for (let i = 0; i < 2; i++) {
      low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ high;
      high = Math.imul(high ^ (high >>> 15), 0xc2b2ae35) ^ low;
    }
    return hex(high) + hex(low);
  }

  private mix(x: number, y: number): void {
    const low = Math.imul(this.low ^ x, 0xcc9e2d51);
    const high = Math.imul(this.high ^ y, 0x1b873593);
    this.low = (((low << 13) | (low >>> 19)) + high) | 0;
    this.high = ((high << 17) | (high >>> 15)) ^ low;
  }

  private mixWide(value: number): void {
    this.mix(value | 0, Math.floor(value / 0x100000000) | 0);
  }

  private tell(type: EventType, subject: Subject | null, a: number, b: number, text: string): void {
    const { timeNs, jiffies, cpu, context, task, stack } = this.stamp();
    // Field by field: spreading the stamp costs several times as much, at each of millions of events.
    const event: TraceEvent = {
      timeNs,
      jiffies,
      cpu,
      context,
      task,
      stack,
      sequence: this.count,
      type: eventNames[type] ?? 'unknown',
      subject: (subject ?? nobody).name,
      a,
      b,
      text,
    };
    for (const listener of this.listeners ?? []) listener(event);
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
