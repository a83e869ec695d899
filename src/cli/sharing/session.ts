/**
 * A search as the command line drives it: alone or with workers, whole or a shard, from its beginning or from a checkpoint,
 * until it is over, the time is up or somebody presses Ctrl-C.
 */
import {
  type Checkpoint,
  checkIdentity,
  checkpointOf,
  type Identity,
  restoreSearch,
} from '../../explore/checkpoint.js';
import { Exploration, type ExploreOptions, type ExploreResult } from '../../explore/explore.js';
import { fingerprintOf } from '../../explore/fingerprint.js';
import { defaultDecisionsMax, type Progress } from '../../explore/search.js';
import { canBeShared, type Shard } from '../../explore/shared-search.js';
import { InputError } from '../../sim/errors.js';
import type { Opened } from '../explorable.js';
import { progressOf } from '../format/progress.js';
import type { Io } from '../io.js';
import { openCheckpoint, writeCheckpoint } from './checkpoint-file.js';
import type { Orders } from './orders.js';
import { type Pool, poolWhenNeeded } from './pool.js';

/** What was typed of it. */
export interface SharingArguments {
  readonly workers?: number;
  readonly shard?: Shard;
  readonly checkpoint?: string;
  readonly resume?: boolean;
  readonly time?: number;
}

/** Who ended a search before its budget: the clock, Ctrl-C, nobody. */
export type Cut = 'time' | 'interrupt' | null;

export interface Subject extends Opened {
  /** How a worker opens it. */
  readonly asked: Orders['asked'];
}

/** Between two looks at the clock, at the terminal and for Ctrl-C, ms. */
const SLICE_MS = 50;
/** A checkpoint is written this often, or more rarely where writing takes more than a twentieth of the time. */
const CHECKPOINT_MS = 1000;
const CHECKPOINT_SHARE = 20;

export class Session {
  readonly exploration: Exploration;
  private readonly args: SharingArguments;
  private readonly io: Io;
  private readonly pool: Pool | null;
  private readonly identity: Identity;
  private nextWriteMs = 0;

  /** Throws InputError for a checkpoint that is none, or of another search. */
  constructor(args: SharingArguments, subject: Subject, options: ExploreOptions, io: Io) {
    checkSharing(args, options);
    this.args = args;
    this.io = io;
    const threads = (args.workers ?? 1) - 1;
    this.pool = threads > 0 ? poolWhenNeeded({ asked: subject.asked, options }, threads) : null;
    this.exploration = new Exploration(subject.program, options, { helpers: this.pool, shard: args.shard ?? null });
    this.identity = identityOf(this.exploration, args, subject, options);
    const { strategy } = this.exploration.shared!.maker;
    if (canBeShared(strategy)) {
      if (args.resume === true) this.goOn();
      return;
    }
    const why = `${strategy.name} makes each run from those before it`;
    if (args.shard !== undefined)
      throw new InputError(`--shard: ${why}; share out a strategy that draws, such as random`);
    if (threads > 0) io.err(`jiffies: ${why}: one worker makes them all\n`);
    if (args.resume === true) this.goOn();
  }

  /** Searches. `shown`: the line of progress. */
  async run(shown: (progress: Progress, elapsedMs: number) => string): Promise<Cut> {
    const { exploration, io, args } = this;
    const line = progressOf(io);
    const startMs = performance.now();
    const endMs = startMs + (args.time ?? Number.POSITIVE_INFINITY) / 1e6;
    this.nextWriteMs = startMs + CHECKPOINT_MS;
    let interrupted = false;
    let sliceMs = Math.min(endMs, startMs + SLICE_MS);
    let cut: Cut = null;
    const release = io.onInterrupt(() => {
      interrupted = true;
    });
    const pause = async (): Promise<boolean> => {
      await new Promise((resolve) => setImmediate(resolve));
      const nowMs = performance.now();
      if (interrupted) cut = 'interrupt';
      else if (nowMs >= endMs) cut = 'time';
      if (cut !== null) return true;
      sliceMs = Math.min(endMs, nowMs + SLICE_MS);
      if (nowMs >= this.nextWriteMs) this.write(false);
      if (io.progress) line.show(shown(exploration.progress(), nowMs - startMs));
      return false;
    };
    try {
      await exploration.shared!.run(() => (performance.now() < sliceMs ? false : pause()));
      return cut;
    } finally {
      release();
      line.end();
      await this.pool?.close();
    }
  }

  /** What is known; it is written to the checkpoint, too. `told`: what `merge` is to print of a shard. */
  finish(cut: Cut, told: (result: ExploreResult) => unknown): ExploreResult {
    const result = this.exploration.result();
    const { checkpoint } = this.args;
    if (checkpoint === undefined) return result;
    this.write(cut === null, told(result));
    if (cut !== null) this.io.err(`jiffies: go on from ${checkpoint} with the same command and --resume\n`);
    return result;
  }

  private write(done: boolean, told: unknown = null): void {
    const { checkpoint } = this.args;
    if (checkpoint === undefined) return;
    const startMs = performance.now();
    writeCheckpoint(checkpoint, this.io.cwd, checkpointOf(this.exploration.shared!, this.identity, done, told));
    const endMs = performance.now();
    this.nextWriteMs = endMs + Math.max(CHECKPOINT_MS, CHECKPOINT_SHARE * (endMs - startMs));
  }

  private goOn(): void {
    const path = this.args.checkpoint!;
    const found: Checkpoint | null = openCheckpoint(path, this.io.cwd, true);
    if (found === null) {
      this.io.err(`jiffies: there is no ${path} yet: the search begins\n`);
      return;
    }
    checkIdentity(found.identity, this.identity, path);
    restoreSearch(this.exploration.shared!, found, path);
  }
}

function checkSharing(args: SharingArguments, options: ExploreOptions): void {
  if (args.resume === true && args.checkpoint === undefined) throw new InputError('--resume needs --checkpoint FILE');
  if (args.shard === undefined) return;
  if (args.checkpoint === undefined) throw new InputError('--shard needs --checkpoint FILE, which jiffies merge reads');
  if (options.steps !== undefined)
    throw new InputError('--shard and --steps cannot be combined: give the budget in --runs');
}

/** All that decides what the runs of a search are, but how many. */
function identityOf(
  { shared }: Exploration,
  { shard }: SharingArguments,
  subject: Subject,
  options: ExploreOptions,
): Identity {
  const { races } = shared!.maker;
  const { decisionsMax = defaultDecisionsMax } = options;
  const fingerprint = fingerprintOf(shared!.maker.runner.subject);
  return {
    scenario: subject.name,
    revision: subject.revision,
    kernel: subject.kernel,
    variant: subject.asked.variant ?? null,
    with: subject.fix?.sha256 ?? null,
    program: (fingerprint >>> 0).toString(16).padStart(8, '0'),
    text: subject.sha256,
    strategy: String(options.strategy ?? 'portfolio'),
    seed: options.seed ?? 1,
    preemptions: options.preemptionBound ?? null,
    depth: options.depth ?? null,
    stall: options.stallJiffiesMax ?? null,
    'max-decisions': decisionsMax,
    'keep-going': options.keepGoing === true,
    'check-determinism': options.checkDeterminism === true,
    sanitize: options.sanitize ?? 'fail',
    'shrink-runs': options.shrink === false ? 0 : (options.shrinkRuns ?? null),
    prefix: options.prefix ?? null,
    'prefix-decisions': options.prefixDecisions ?? null,
    pairs: races !== null,
    shard: shard === undefined ? null : `${shard.index}/${shard.count}`,
  };
}
