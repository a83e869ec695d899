/**
 * atomic_t (include/asm/atomic.h): reads, sets and read-modify-writes of one cell.
 *
 * Divergence from Linux: values do not wrap at 32 bits.
 */
import { type Cell, RmwOp } from '../smp/cell.js';
import type { Op } from '../smp/op.js';

export { Cell as Atomic } from '../smp/cell.js';

const plusOne = (old: number): number => old + 1;
const minusOne = (old: number): number => old - 1;
const nothing = (): undefined => undefined;
const newValue = (_old: number, now: number): number => now;
const isZero = (_old: number, now: number): boolean => now === 0;

/** atomic_read: answers the value. */
export function atomic_read(v: Cell): Op {
  return v.read;
}

export function atomic_set(v: Cell, value: number): Op {
  return v.write(value);
}

export function atomic_inc(v: Cell): Op {
  return new RmwOp(v, plusOne, nothing);
}

export function atomic_dec(v: Cell): Op {
  return new RmwOp(v, minusOne, nothing);
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
  return new RmwOp(v, (old) => old + amount, nothing);
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
