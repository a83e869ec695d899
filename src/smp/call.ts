/**
 * Calls that the machine itself carries out: `const r: T = yield call(fn())` does what `yield* fn()` does, but the
 * machine then resumes the callee directly instead of through all its callers. Worth it where many operations happen
 * deep down.
 *
 * Divergence from Linux: none; it is no operation, and no scheduler sees it.
 */
import { type Access, type K, Op } from './op.js';
import type { SharedObject } from './shared-object.js';

/** The object of every call: how the machine tells a call from an operation. */
export const callMark = { name: 'call' } as SharedObject;

export class CallOp extends Op {
  readonly callee: K<unknown>;

  constructor(callee: K<unknown>) {
    super(callMark);
    this.callee = callee;
  }

  override get access(): Access {
    return 'none';
  }

  override get visible(): boolean {
    return false;
  }

  override perform(): void {}
}

/** Calls a generator; the yield answers what it returns. */
export function call(callee: K<unknown>): Op {
  return new CallOp(callee);
}
