/**
 * A search as the command line drives it: alone or with workers, whole or a shard, from its beginning or from a checkpoint,
 * until it is over, the time is up or somebody presses Ctrl-C.
 */
import {
  type Checkpoint,
  checkIdentity,
  checkpointOf,
  differenceOf,
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
  private interrupted = false;
  private release = (): void => undefined;

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
    if (!canBeShared(strategy)) this.sayAlone(strategy.name, options);
    if (args.resume === true) this.goOn();
    else this.keepOthers();
  }

  /** One thread makes all runs, whatever was asked for. */
  private sayAlone(strategy: string, { prefix }: ExploreOptions): void {
    const { shard, workers = 1 } = this.args;
    const why =
      prefix === undefined
        ? `${strategy} makes each run from those before it`
        : 'a search from a --prefix is not shared out';
    const instead = prefix === undefined ? '; share out a strategy that draws, such as random' : '';
    if (shard !== undefined) throw new InputError(`--shard: ${why}${instead}`);
    if (workers > 1) this.io.err(`jiffies: ${why}: one worker makes all runs\n`);
  }

  /** Searches. `shown`: how far it is, what matters most first. */
  async run(name: string, shown: (progress: Progress, elapsedMs: number) => readonly string[]): Promise<Cut> {
    const { exploration, io, args } = this;
    const line = progressOf(io);
    const startMs = performance.now();
    const endMs = startMs + (args.time ?? Number.POSITIVE_INFINITY) / 1e6;
    this.nextWriteMs = startMs + CHECKPOINT_MS;
    let sliceMs = Math.min(endMs, startMs + SLICE_MS);
    let cut: Cut = null;
    this.release = io.onInterrupt(() => {
      this.interrupted = true;
    });
    const pause = async (): Promise<boolean> => {
      await new Promise((resolve) => setImmediate(resolve));
      const nowMs = performance.now();
      if (this.interrupted) cut = 'interrupt';
      else if (nowMs >= endMs) cut = 'time';
      if (cut !== null) return true;
      sliceMs = Math.min(endMs, nowMs + SLICE_MS);
      if (nowMs >= this.nextWriteMs) this.write(false);
      if (io.progress) line.show(name, shown(exploration.progress(), nowMs - startMs));
      return false;
    };
    try {
      await exploration.shared!.run(() => (performance.now() < sliceMs ? false : pause()));
      return cut;
    } finally {
      line.end();
      await this.pool?.close();
    }
  }

  /** Everything is printed. Until then Ctrl-C, and Ctrl-C again, does not end the program; once pressed it never does. */
  close(): void {
    if (!this.interrupted) this.release();
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

  /** Nothing that is at the checkpoint's place is lost without a word. */
  private keepOthers(): void {
    const { checkpoint: path } = this.args;
    if (path === undefined) return;
    const left = 'it is left as it is: name another file';
    let found: Checkpoint | null;
    try {
      found = openCheckpoint(path, this.io.cwd, true);
    } catch (error) {
      throw error instanceof InputError ? new InputError(`--checkpoint ${error.message}; ${left}`) : error;
    }
    if (found === null) return;
    const other = differenceOf(found.identity, this.identity);
    if (other !== null)
      throw new InputError(`--checkpoint ${path}: it is of another search: ${other}; ${left}, or remove it`);
    throw new InputError(
      `--checkpoint ${path}: it is of this search: go on from it with --resume, or remove it to begin anew`,
    );
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
