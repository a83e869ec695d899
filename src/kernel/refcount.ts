/**
 * A counter that is known to be a reference count, and complains (lib/refcount.c, refcount_t, 4.11+): when it goes below
 * zero, and when one is added to none.
 *
 * Ordering rule: that of the atomic functions it is used with.
 *
 * Divergence from Linux: younger than the kernels modelled here, whose counts are bare atomic_t; for programs of one's own.
 * It does not saturate.
 */
import type { Machine } from '../smp/machine.js';
import { Atomic } from './atomic.js';

export class RefCount extends Atomic {
  constructor(machine: Machine, label: string, value: number) {
    super(machine, label, value);
  }

  override set(value: number): void {
    const old = this.value;
    super.set(value);
    if (value < 0 && value < old) this.complain('refcount-underflow', 'underflow; use-after-free.');
    else if (old === 0 && value > old) this.complain('refcount-on-zero', 'addition on 0; use-after-free.');
  }

  private complain(kind: string, words: string): void {
    const where = this.machine.current?.function ?? 'the set-up';
    this.machine.violate(kind, `refcount_t: ${words} (${this.name}, in ${where})`, undefined, this);
  }
}
