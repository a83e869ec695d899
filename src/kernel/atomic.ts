/**
 * atomic_t (include/asm/atomic.h): reads, sets and read-modify-writes of one cell.
 *
 * Ordering rule: those that return a value, and a cmpxchg that succeeds, are full barriers and ordered among each other;
 * atomic_read, _set, _inc, _dec and _add order nothing (Documentation/atomic_ops.txt, 2.6.12 on).
 *
 * Divergence from Linux: values do not wrap at 32 bits.
 */
import { type Cell, RmwOp } from '../smp/cell.js';
import type { Op } from '../smp/op.js';

export { Atomic } from '../smp/cell.js';

const plusOne = (old: number): number => old + 1;
const minusOne = (old: number): number => old - 1;
const nothing = (): undefined => undefined;
const newValue = (_old: number, now: number): number => now;
const isZero = (_old: number, now: number): boolean => now === 0;

/** atomic_read: answers the value. */
export function atomic_read(v: Cell): Op {
  return v.readOnce;
}

export function atomic_set(v: Cell, value: number): Op {
  return v.writeOnce(value);
}

export function atomic_inc(v: Cell): Op {
  return new RmwOp(v, plusOne, nothing, null, false);
}

export function atomic_dec(v: Cell): Op {
  return new RmwOp(v, minusOne, nothing, null, false);
}

/** atomic_inc_return: answers the new value. */
export function atomic_inc_return(v: Cell): Op {
  return new RmwOp(v, plusOne, newValue);
}

/** atomic_dec_return: answers the new value. */
export function atomic_dec_return(v: Cell): Op {
  return new RmwOp(v, minusOne, newValue);
}

/** atomic_dec_and_test: answers whether the new value is 0. */
export function atomic_dec_and_test(v: Cell): Op {
  return new RmwOp(v, minusOne, isZero);
}

export function atomic_add(v: Cell, amount: number): Op {
  return new RmwOp(v, (old) => old + amount, nothing, null, false);
}

/** atomic_add_return: answers the new value. */
export function atomic_add_return(v: Cell, amount: number): Op {
  return new RmwOp(v, (old) => old + amount, newValue);
}

/** xchg: stores and answers the old value. */
export function xchg(v: Cell, value: number): Op {
  return new RmwOp(
    v,
    () => value,
    (old) => old,
  );
}

/** cmpxchg: stores `value` if the cell holds `expected`; answers the old value. */
export function cmpxchg(v: Cell, expected: number, value: number): Op {
  return new RmwOp(
    v,
    (old) => (old === expected ? value : old),
    (old) => old,
    (old) => old !== expected,
  );
}
