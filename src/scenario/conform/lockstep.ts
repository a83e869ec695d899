/**
 * The recording harness's conventions on our world: the `lockstep` profile. Each operation is an action of its own, after
 * the tick's softirqs and workers; whatever it makes runnable runs before the next one.
 */
import { baselineTraits, type DstTraits } from '../../net/dst/traits.js';
import type { RouteSetup } from '../../net/ipv4/route-cache.js';
import { InputError } from '../../sim/errors.js';
import { actions } from '../actions/index.js';
import { buildWorld } from '../build.js';
import { machineSchema, type NetworkSpec } from '../schema.js';
import type { Step } from '../steps.js';
import type { Answer, World } from '../world.js';
import { type GoldenCase, type GoldenOp, Unsupported } from './golden.js';

const network: NetworkSpec = { debug: 0, devices: {} };

/** The kernel whose code was recorded. */
const recordedKernel = '2.6.24';

export interface LockstepOptions {
  readonly timers?: Readonly<Record<string, readonly Step[]>>;
  readonly works?: Readonly<Record<string, readonly Step[]>>;
  readonly traits?: DstTraits;
  readonly wheel?: 'boot' | 'steady';
  readonly ratelimit?: 'real' | 'always';
  readonly ipv4?: RouteSetup;
}

export class Lockstep {
  readonly world: World;

  constructor(golden: GoldenCase, options: LockstepOptions = {}) {
    this.world = buildWorld({
      machine: machineSchema.parse({
        hz: golden.hz,
        cpus: golden.cpus,
        initialJiffies: golden.initialJiffies,
        profile: 'lockstep',
        wheel: options.wheel ?? 'boot',
        onBug: 'continue',
        ratelimit: options.ratelimit ?? 'always',
      }),
      network,
      timers: options.timers ?? {},
      works: options.works ?? {},
      cells: {},
      traits: options.traits ?? baselineTraits,
      kernel: recordedKernel,
      seed: 0,
      ...(options.ipv4 === undefined ? {} : { ipv4: options.ipv4 }),
    });
  }

  get jiffies(): number {
    return this.world.kernel.jiffies();
  }

  /** Lets so many ticks pass. */
  advance(ticks: number): void {
    const { machine } = this.world.kernel;
    machine.runUntil(machine.nowNs + ticks * machine.tickNs);
  }

  /** One action on a CPU, and all that comes of it at this instant; its answer. */
  act(cpu: number, kind: string, args: unknown): Answer {
    const step = makeStep(kind, args);
    let answer: Answer = { step, ret: null, skipped: false };
    this.world.startActor('op', cpu, [step], 0, (given) => {
      answer = given;
    });
    this.world.kernel.machine.settle();
    return answer;
  }
}

/** A step from an action's name and plain arguments, checked like a scenario's. */
export function makeStep(kind: string, args: unknown, more: { cpu?: number; times?: number } = {}): Step {
  if (!Object.hasOwn(actions, kind)) throw new Unsupported(kind);
  const checked = actions[kind]!.schema.safeParse(args);
  if (!checked.success) throw new InputError(`${kind}: ${checked.error.issues[0]!.message}`);
  return { kind, args: checked.data, ...more };
}

/** `25 jiffies`: how a recorded delta is written in a scenario. */
export function jiffiesText(count: number): string {
  return `${count} jiffies`;
}

export function numberOf(op: GoldenOp, field: string): number {
  const value = op[field];
  if (typeof value !== 'number') throw new Unsupported(`${op.op} without ${field}`);
  return value;
}
