/**
 * dst_release (include/net/dst.h, from R24 net/core/dst.c).
 *
 * Ordering rule: through R25 a read, the check, then the decrement; from R26 the decrement, then the check of what it
 * left. It never frees anything.
 *
 * Divergence from Linux: barriers are not modelled; the warning's line at revisions with commits left out or added is
 * that of the newest commit of dst.c which moved it.
 */
import { atomic_dec, atomic_dec_return, atomic_read } from '../../kernel/atomic.js';
import { WARN } from '../../kernel/bug.js';
import { dstReleaseOutOfLine, type SourceLine } from '../../kernel/era.js';
import { replaceable } from '../../kernel/function.js';
import type { K } from '../../smp/op.js';
import type { DstCache } from './dst-cache.js';
import type { DstEntry } from './dst-entry.js';

/** dst_release: one reference less; warns if there was none. */
export const dst_release = replaceable('dst_release', function* (dc: DstCache, dst: DstEntry | null): K {
  if (dst === null) return;
  const { stack } = dc.kernel.context;
  stack.push('dst_release');
  if (dc.traits.releaseTestsResult) {
    const left: number = yield atomic_dec_return(dst.refcnt);
    if (left < 0) warn(dc);
  } else {
    const count: number = yield atomic_read(dst.refcnt);
    if (count < 1) warn(dc);
    yield atomic_dec(dst.refcnt);
  }
  stack.pop();
});

function warn(dc: DstCache): void {
  WARN(dc.kernel, 'dst_release', releaseWarningPlace(dc));
}

/** Where the warning says it stands: the era's header, or the line of the revision's dst.c. */
export function releaseWarningPlace(dc: DstCache): SourceLine {
  const { traits, kernel } = dc;
  if (!traits.releaseInDstC) return kernel.era.dstReleaseInline;
  if (traits.releaseTestsResult) return dstReleaseOutOfLine.r26;
  return traits.cancelBeforeSchedule ? dstReleaseOutOfLine.r25 : dstReleaseOutOfLine.r24;
}
