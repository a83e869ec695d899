/**
 * A second, naive opinion about timers and delayed work on several CPUs: plain lists, every jiffy visited, one thing
 * after the other, with the recording harness's order within a tick. Shares no code with src/.
 */

/** Level of the wheel: bits of the expiry that choose the list, and the distance from which the level is used. */
const levels = [
  { shift: 8, from: 2 ** 8 },
  { shift: 14, from: 2 ** 14 },
  { shift: 20, from: 2 ** 20 },
  { shift: 26, from: 2 ** 26 },
];

export class ModelTimer {
  expires = 0;
  cpu = 0;
  /** The list it is in; null = not pending. */
  list: ModelTimer[] | null = null;
  /** Its handler, told which CPU runs it. */
  readonly fire: (cpu: number) => void;

  constructor(fire: (cpu: number) => void) {
    this.fire = fire;
  }
}

class ModelCpu {
  readonly id: number;
  timerJiffies: number;
  held = false;
  running: ModelTimer | null = null;
  readonly near: ModelTimer[][] = Array.from({ length: 256 }, () => []);
  readonly far: ModelTimer[][][] = levels.map(() => Array.from({ length: 64 }, () => []));

  constructor(id: number, timerJiffies: number) {
    this.id = id;
    this.timerJiffies = timerJiffies;
  }

  put(timer: ModelTimer): void {
    const delta = (timer.expires - this.timerJiffies) | 0;
    let list = this.near[(delta < 0 ? this.timerJiffies : timer.expires) & 255]!;
    for (const [i, { shift, from }] of levels.entries()) {
      if (delta >= from) list = this.far[i]![(timer.expires >>> shift) & 63]!;
    }
    list.push(timer);
    timer.list = list;
  }

  run(jiffies: number): void {
    while (((jiffies - this.timerJiffies) | 0) >= 0) {
      const now = this.timerJiffies;
      for (const [i, { shift }] of levels.entries()) {
        if (now % 2 ** shift !== 0) break;
        for (const timer of this.far[i]![(now >>> shift) & 63]!.splice(0)) this.put(timer);
      }
      this.timerJiffies = (now + 1) >>> 0;
      const due = this.near[now & 255]!.splice(0);
      for (const timer of due) timer.list = due;
      while (due.length > 0) {
        const timer = due.shift()!;
        timer.list = null;
        this.running = timer;
        timer.fire(this.id);
      }
    }
    this.running = null;
  }
}

export class ModelTimers {
  jiffies: number;
  readonly cpus: ModelCpu[];
  /** From 2.6.13: a timer whose handler runs stays where it runs. */
  private readonly selfSerialised: boolean;

  constructor(cpus: number, jiffies: number, selfSerialised: boolean) {
    this.jiffies = jiffies;
    this.cpus = Array.from({ length: cpus }, (_, id) => new ModelCpu(id, jiffies));
    this.selfSerialised = selfSerialised;
  }

  runs(timer: ModelTimer): boolean {
    if (this.selfSerialised) return this.cpus[timer.cpu]!.running === timer;
    return this.cpus.some((cpu) => cpu.running === timer);
  }

  /** Queues it, from `cpu` or (fixed) on it. */
  arm(timer: ModelTimer, expires: number, cpu: number, fixed = false): void {
    const stays = !fixed && this.selfSerialised && this.cpus[timer.cpu]!.running === timer;
    this.del(timer);
    if (!stays) timer.cpu = cpu;
    timer.expires = expires;
    this.cpus[timer.cpu]!.put(timer);
  }

  mod(timer: ModelTimer, expires: number, cpu: number): number {
    const was = timer.list === null ? 0 : 1;
    if (was === 0 || timer.expires !== expires) this.arm(timer, expires, cpu);
    return was;
  }

  del(timer: ModelTimer): number {
    if (timer.list === null) return 0;
    timer.list.splice(timer.list.indexOf(timer), 1);
    timer.list = null;
    return 1;
  }

  tick(): void {
    this.jiffies = (this.jiffies + 1) >>> 0;
    for (const cpu of this.cpus) if (!cpu.held) cpu.run(this.jiffies);
  }
}

export class ModelWork {
  pending = false;
  active = 0;
  queuedOn: number | null = null;
  readonly timer: ModelTimer;
  readonly run: (cpu: number) => void;

  constructor(model: ModelWorks, run: (cpu: number) => void) {
    this.run = run;
    this.timer = new ModelTimer((cpu) => model.enlist(this, cpu));
  }
}

export class ModelWorks {
  readonly timers: ModelTimers;
  readonly lists: ModelWork[][];
  readonly held: boolean[];
  private readonly inside: boolean[];
  private executed = 0;

  constructor(timers: ModelTimers) {
    this.timers = timers;
    this.lists = timers.cpus.map(() => []);
    this.held = timers.cpus.map(() => false);
    this.inside = timers.cpus.map(() => false);
  }

  enlist(work: ModelWork, cpu: number): void {
    work.queuedOn = cpu;
    this.lists[cpu]!.push(work);
  }

  queue(work: ModelWork, delay: number, cpu: number, on: number | null, direct: boolean): number {
    if (work.pending) return 0;
    work.pending = true;
    if (direct && delay === 0 && on === null) this.enlist(work, cpu);
    else this.timers.arm(work.timer, (this.timers.jiffies + delay) >>> 0, on ?? cpu, on !== null);
    return 1;
  }

  cancel(work: ModelWork): number {
    const was = this.timers.del(work.timer);
    if (was === 1) work.pending = false;
    return was;
  }

  modify(work: ModelWork, delay: number, cpu: number, direct: boolean): number {
    const was = work.pending ? 1 : 0;
    this.timers.del(work.timer);
    if (work.queuedOn !== null) this.lists[work.queuedOn]!.splice(this.lists[work.queuedOn]!.indexOf(work), 1);
    work.queuedOn = null;
    work.pending = false;
    this.queue(work, delay, cpu, null, direct);
    return was;
  }

  /** That CPU's worker runs its list now: how many works that were, or -3. */
  drain(cpu: number): number {
    if (this.held[cpu]! || this.inside[cpu]!) return -3;
    const before = this.executed;
    this.inside[cpu] = true;
    for (let work = this.lists[cpu]!.shift(); work !== undefined; work = this.lists[cpu]!.shift()) {
      this.executed++;
      work.queuedOn = null;
      work.pending = false;
      work.active++;
      work.run(cpu);
      work.active--;
    }
    this.inside[cpu] = false;
    return this.executed - before;
  }

  /** Passes over the workers until one finds nothing. */
  passes(): void {
    let found = true;
    while (found) {
      found = false;
      for (const cpu of this.lists.keys()) {
        if (this.lists[cpu]!.length === 0 || this.held[cpu]!) continue;
        found = true;
        this.drain(cpu);
      }
    }
  }

  tick(): void {
    this.timers.tick();
    this.passes();
  }
}
