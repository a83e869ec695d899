/** What is written down of a run while it goes on, for its result: timers, works, entries, calls. */
import type { RouteSample, RunResult } from './result.js';
import type { World } from './world.js';

/** What ran, as results name it. */
export type RunIdentity = Pick<RunResult, 'scenario' | 'revision' | 'kernel' | 'seed' | 'variant' | 'with'>;

/** What is known of a run when it is over. */
export interface RunEnd {
  readonly notes?: readonly string[];
  readonly limit?: string | undefined;
  readonly samples?: readonly RouteSample[] | null;
}

type Mutable<T> = { -readonly [F in keyof T]: T[F] };

/** Records what the result shows. */
export class RunLog {
  private readonly world: World;
  private readonly timers: Mutable<RunResult['timers'][number]>[] = [];
  private readonly work: Mutable<RunResult['work'][number]>[] = [];
  private readonly destroyed: Mutable<RunResult['destroyed'][number]>[] = [];

  constructor(world: World) {
    this.world = world;
    const { kernel, net, meter } = world;
    const declared = (name: string): boolean => world.allTimers.has(name) || name === 'dst_gc_timer';
    kernel.onTimer = (timer, cpu): void => {
      meter.timerFired(timer);
      if (declared(timer.label)) this.timers.push({ jiffies: kernel.jiffies(), cpu: cpu.id, timer: timer.label });
    };
    kernel.onWork = (work, cpu): void => {
      meter.workExecuted++;
      this.work.push({ jiffies: kernel.jiffies(), cpu: cpu.id, work: work.name });
    };
    net.dst.onDestroy = (dst, jiffies): void => {
      meter.entryDestroyed(dst);
      this.destroyed.push({ jiffies, dst: dst.name });
    };
  }

  /** `of`: what ran; `end`: what is known when it is over. */
  result(of: RunIdentity, { notes = [], limit, samples = null }: RunEnd = {}): RunResult {
    const { kernel, meter, calls } = this.world;
    const { machine } = kernel;
    const halted = machine.halted === null ? [] : [`the machine stopped: ${machine.halted}`];
    return {
      ...of,
      fingerprint: machine.trace.fingerprint(),
      virtualNs: machine.nowNs,
      jiffies: kernel.jiffies(),
      violations: machine.violations.map(({ kind, message, jiffies, cpu }) => ({ kind, message, jiffies, cpu })),
      kernelLog: kernel.log.entries.map(({ jiffies, cpu, level, text }) => ({ jiffies, cpu, level, text })),
      metrics: meter.metrics(),
      series: { gc: meter.gc, ...(samples === null ? {} : { routes: samples }) },
      calls,
      timers: this.timers,
      work: this.work,
      destroyed: this.destroyed,
      notes: [...notes, ...halted],
      ...(limit === undefined ? {} : { limit }),
    };
  }
}
