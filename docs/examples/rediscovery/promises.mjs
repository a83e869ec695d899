/**
 * Promises of the destination cache, as code. The machine itself reports accesses to freed objects, objects freed twice,
 * BUGs and deadlocks; here is what has to do with time, and with counts.
 *
 * Time is an adversary: a CPU may stall for as long as the search likes, and that breaks no promise. So a promise that a
 * run of the collector comes in time is judged whenever time moves. It is broken if the date has passed, no run has
 * begun, and none is due: its timer is set for a later date, or not at all. A run that is due and not let in by its CPU
 * is late through no fault of the code.
 */

/** Jiffies that a run may come late, for those who read the clock before and after a tick. */
const slackJiffies = 2;

/** Calls `mine`, and whoever listens there already. */
function listen(object, name, mine) {
  const others = object[name];
  object[name] = (...args) => {
    others?.(...args);
    mine(...args);
  };
}

/** Watches whether a run begins within DST_GC_MIN of something. */
class Watch {
  constructor({ dst, kernel }) {
    this.dst = dst;
    this.kernel = kernel;
    /** Jiffies by which a run must have begun; null while none is promised. */
    this.deadline = null;
    /** What must be over before the time of a promise runs. */
    this.until = null;
    this.judgedAt = kernel.jiffies();
    /** Works that have begun and not ended. */
    this.running = 0;
    listen(kernel, 'onTimer', ({ label }) => {
      if (label === 'dst_gc_timer') this.kept();
    });
    listen(kernel, 'onWork', ({ name }) => {
      if (name !== 'dst_gc_work') return;
      this.running++;
      this.kept();
    });
  }

  kept() {
    this.deadline = null;
    this.until = null;
  }

  /** A run is to begin: within DST_GC_MIN of now, or of when `until` first holds. */
  promise(until = () => true) {
    this.until = until;
    this.begin();
  }

  begin() {
    if (this.until?.() !== true) return;
    this.until = null;
    this.deadline ??= this.kernel.addJiffies(this.kernel.jiffies(), this.dst.gcMin + slackJiffies);
  }

  /** To be asked where time moves, before and after. */
  get broken() {
    this.begin();
    const { dst, kernel, deadline } = this;
    const now = kernel.jiffies();
    if (now === this.judgedAt) return false;
    this.judgedAt = now;
    if (deadline === null || kernel.distance(deadline, now) <= 0) return false;
    const { gcExpires } = dst;
    return gcExpires === null ? !dst.gcPending : kernel.distance(gcExpires, deadline) < 0;
  }

  /** The program is over, and no run can come any more. */
  get never() {
    return this.deadline !== null && !this.dst.gcPending;
  }
}

/** Has the run of the collector been worth while? Through R13 if it destroyed anything, from R14 by the ten per cent rule. */
function worthWhile({ traits }, { destroyed, delayed }) {
  return destroyed > (traits.gcInWorkqueue ? Math.floor(delayed / 10) : 0);
}

/**
 * R3 and later (from R14 for a run that destroyed more than a tenth of what is left): after a run that destroyed something
 * and left something, the next begins within DST_GC_MIN.
 */
export function promptRuns(p) {
  const { dst } = p;
  const watch = new Watch(p);
  listen(dst, 'onGc', (record) => {
    if (dst.traits.gcInWorkqueue) watch.running--;
    // From R14 on another run may have begun already, and wait for the mutex.
    if (record.delayed > 0 && watch.running === 0 && worthWhile(dst, record)) watch.promise();
  });
  const message = 'after a run that destroyed something the next does not come within DST_GC_MIN';
  p.invariant(message, () => !watch.broken, { judged: 'when-time-moves' });
  p.finally(() => p.check(!watch.never, `${message}, nor at all`));
}

/** All revisions: after a __dst_free that found the back-off beyond its first step, a run begins within DST_GC_MIN. */
export function hurriedRuns(p) {
  const { dst } = p;
  const watch = new Watch(p);
  // The time runs from the end of the free: when it gives the lock back.
  listen(dst, 'onGarbage', () => {
    if (dst.timer_inc > dst.gcInc) watch.promise(() => dst.lock.word === 0);
  });
  // Through R13 a run that had begun, but did not have the lock yet, sees the new garbage too.
  listen(dst, 'onGc', () => {
    if (!dst.traits.gcInWorkqueue) watch.kept();
  });
  const message = 'after a free that found the back-off grown no run comes within DST_GC_MIN';
  p.invariant(message, () => !watch.broken, { judged: 'when-time-moves' });
  p.finally(() => p.check(!watch.never, `${message}, nor at all`));
}

/** All revisions: who gives back what he does not have is told so: a count ends below zero by no more than was warned of. */
export function warnedCounts(p, { entries }) {
  p.tolerate('warning');
  p.finally(() => {
    const below = entries.reduce((sum, { refcnt }) => sum + Math.max(0, -refcnt.value), 0);
    const warnings = p.kernel.machine.violations.filter(({ kind }) => kind === 'warning').length;
    p.check(below <= warnings, `counts end ${below} below zero, the kernel warned ${warnings} times`);
  });
}
