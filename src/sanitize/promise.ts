/**
 * Promises of liveness: once this has begun, that happens within so many jiffies.
 *
 * Time is an adversary in an exploration: a CPU may stall for as long as the search likes. That breaks no promise if the
 * promise says what is due: while `due` holds, what was promised is on its way, and only its CPU keeps it waiting. It is
 * judged when time moves, so that what is being carried out comes to its end before. A promise is also broken if the run is over and what was promised can't come any more.
 */
import type { Kernel } from '../kernel/kernel.js';
import { functionOf, who } from './blocks/frame.js';
import { type Scene, sceneOf, sceneOfNobody } from './scene.js';

export interface PromiseOptions {
  /** Jiffies from its beginning; 0 and up. */
  readonly within: number;
  /** Is what was promised due, and held up by nothing but the schedule? Never if absent. */
  readonly due?: () => boolean;
}

export class LivenessPromise {
  readonly name: string;
  private readonly kernel: Kernel;
  private readonly options: PromiseOptions;
  private since: Scene | null = null;
  private judgedAt = 0;

  constructor(kernel: Kernel, name: string, options: PromiseOptions) {
    this.kernel = kernel;
    this.name = name;
    this.options = options;
  }

  /** From now on it is owed. Begun already: nothing changes. */
  begin(): void {
    if (this.since !== null) return;
    const { current } = this.kernel;
    this.judgedAt = this.kernel.jiffies();
    this.since = current === null ? sceneOfNobody(this.kernel.jiffies()) : sceneOf(current);
  }

  /** What was promised happens, or nobody wants it any more. */
  keep(): void {
    this.since = null;
  }

  /** Begun, and not kept yet. */
  get owed(): boolean {
    return this.since !== null;
  }

  /** To be asked after each step: it is owed, its time is over, and it is not even due. */
  isBroken(): boolean {
    const { since, options, kernel } = this;
    const now = kernel.jiffies();
    if (since === null || now === this.judgedAt) return false;
    this.judgedAt = now;
    return kernel.distance(since.jiffies, now) > options.within && options.due?.() !== true;
  }

  /** What there is to say where it is broken. */
  get message(): string {
    return `${this.name}: not within ${this.options.within} jiffies${this.begun}`;
  }

  /** The same where nothing can happen any more. */
  get neverMessage(): string {
    return `${this.name}: not within ${this.options.within} jiffies, nor ever,${this.begun}`;
  }

  private get begun(): string {
    const { since } = this;
    if (since === null) return '';
    return ` of ${since.jiffies}, when ${who(since)} on CPU ${since.cpu} owed it in ${functionOf(since)}`;
  }
}
