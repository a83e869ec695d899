/** What is checked of the steps across a file: the names they use, their number, and who may wait. */
import { didYouMean } from '../sim/errors.js';
import { actions } from './actions/index.js';
import type { Complaints } from './complain.js';
import { makers } from './makers.js';
import { toNs } from './read/duration.js';
import type { Path } from './read/yaml.js';
import type { ScenarioFile } from './schema.js';
import type { Step } from './steps.js';
import { isDuration } from './world.js';

const entriesMax = 10_000_000;
const actionsMax = 100_000;

/** Actions that put entries into a group, and those that make `count` of them. */
const fillers: ReadonlySet<string> = new Set(['alloc', 'route_fill', 'route_connections']);
const counted: ReadonlySet<string> = new Set([...fillers, 'connections']);

/** Where steps stand: how often they are reached at least, and why they can't wait there, if so. */
interface Surroundings {
  readonly times: number;
  readonly cantWait: string | null;
}

const inTask: Surroundings = { times: 1, cantWait: null };
const inHandler: Surroundings = { times: 1, cantWait: "a timer's handler can't: it runs in a softirq" };
const elsewhere = "what 'cpu:' makes another CPU do can't: it runs in an interrupt there";

/** Throws InputError with its place at the first thing wrong. */
export function checkSteps(data: ScenarioFile, complaints: Complaints): void {
  const { actors, timers, works } = data;
  const lists = [
    ...actors.map((actor, i): StepList => [actor.do, ['actors', i, 'do'], inTask]),
    ...Object.entries(timers).map(([n, timer]): StepList => [timer.handler, ['timers', n, 'handler'], inHandler]),
    ...Object.entries(works).map(([n, work]): StepList => [work.function, ['works', n, 'function'], inTask]),
  ];
  for (const [i, { cpu }] of actors.entries()) complaints.checkCpu(cpu, data.machine.cpus, ['actors', i, 'cpu']);
  const checks = new StepChecks(data, complaints);
  for (const [steps] of lists) checks.collect(steps);
  for (const list of lists) checks.check(...list);
}

type StepList = readonly [steps: readonly Step[], path: Path, around: Surroundings];

class StepChecks {
  private readonly data: ScenarioFile;
  private readonly complaints: Complaints;
  /** Entries that some step allocates, groups that some step fills. */
  private readonly entries = new Set<string>();
  private readonly groups = new Set<string>();
  private readonly neighbours = new Set<string>();
  private actionCount = 0;
  private entryCount = 0;

  constructor(data: ScenarioFile, complaints: Complaints) {
    this.data = data;
    this.complaints = complaints;
  }

  /** Notes the names that steps bring into being. */
  collect(steps: readonly Step[]): void {
    for (const { kind, args } of steps) {
      const { group, into, do: inner } = args as Readonly<Record<string, unknown>>;
      if (makers.includes(kind)) for (const made of entriesMade(kind, args as Names)) this.entries.add(made);
      if (kind === 'neigh_create') this.neighbours.add((args as Names)['neigh'] as string);
      if (fillers.has(kind) && group !== undefined) this.groups.add(group as string);
      if (typeof into === 'string') this.groups.add(into);
      if (kind === 'repeat') this.collect(inner as Step[]);
    }
  }

  check(steps: readonly Step[], path: Path, around: Surroundings): void {
    const { complaints } = this;
    const { hz, cpus } = this.data.machine;
    for (const [i, step] of steps.entries()) {
      const here: Path = [...path, i];
      if (++this.actionCount > actionsMax) complaints.fail(here, `more than ${actionsMax} actions`);
      if (step.cpu !== undefined) complaints.checkCpu(step.cpu, cpus, [...here, 'cpu']);
      for (const key of ['at', 'after'] as const) {
        const when = step[key];
        if (when === undefined) continue;
        if (around.cantWait !== null) this.refuseWaiting(key, [...here, key], around.cantWait);
        complaints.placed([...here, key], () => toNs(when, hz));
      }
      const { times } = around;
      this.checkArgs(step, [...here, step.kind], step.cpu === undefined ? around : { times, cantWait: elsewhere });
    }
  }

  private checkArgs(step: Step, path: Path, around: Surroundings): void {
    const { machine, timers, works, cells } = this.data;
    const waiting = waitIn(step);
    if (waiting !== null && around.cantWait !== null) {
      const [last = path.at(-1)!] = waiting;
      this.refuseWaiting(String(last), [...path, ...waiting], around.cantWait);
    }
    if (!actions[step.kind]!.recorded) this.checkTimes(step.args, path);
    if (typeof step.args === 'number' && /_cpu$|_worker$/.test(step.kind)) {
      this.complaints.checkCpu(step.args, machine.cpus, path);
    }
    const args = step.args as Readonly<Record<string, unknown>>;
    this.checkDeclared(args, 'timer', timers, path);
    this.checkDeclared(args, 'work', works, path);
    this.checkDeclared(args, 'cell', cells, path);
    this.checkMade(args, 'dst', this.entries, 'is never allocated', path);
    if (step.kind === 'bundle_create') this.checkMade(args, 'route', this.entries, 'is never allocated', path, 'dst');
    this.checkMade(args, 'child', this.entries, 'is never allocated', path, 'dst');
    this.checkMade(args, 'neigh', this.neighbours, 'is never created', path, 'neighbour');
    this.checkMade(args, 'group', this.groups, 'never gets entries', path);
    if (typeof args['on'] === 'number') this.complaints.checkCpu(args['on'], machine.cpus, [...path, 'on']);
    if (counted.has(step.kind)) this.countEntries(args['count'] as number, path, around);
    if (step.kind === 'repeat') {
      const times = around.times * (args['count'] as number);
      this.check(args['do'] as Step[], [...path, 'do'], { ...around, times });
    }
  }

  private refuseWaiting(what: string, path: Path, why: string): never {
    this.complaints.fail(path, `'${what}' waits, and ${why}`, 'key');
  }

  private countEntries(count: number, path: Path, around: Surroundings): void {
    this.entryCount += count * around.times;
    if (this.entryCount > entriesMax) {
      this.complaints.fail([...path, 'count'], `more than ${entriesMax} entries are allocated in all`);
    }
  }

  /** Durations that become nanoseconds must fit. */
  private checkTimes(value: unknown, path: Path): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    if (isDuration(value)) this.complaints.placed(path, () => toNs(value, this.data.machine.hz));
    else for (const [key, inner] of Object.entries(value)) this.checkTimes(inner, [...path, key]);
  }

  private checkDeclared(args: Names, key: string, declared: Readonly<Record<string, unknown>>, path: Path): void {
    const wanted = args[key];
    if (typeof wanted !== 'string' || Object.hasOwn(declared, wanted)) return;
    const names = Object.keys(declared);
    const hint = names.length === 0 ? `; declare it under '${key}s:'` : didYouMean(wanted, names);
    this.complaints.fail([...path, key], `there is no ${key} '${wanted}'${hint}`);
  }

  private checkMade(args: Names, key: string, made: ReadonlySet<string>, how: string, path: Path, noun = key): void {
    const wanted = args[key];
    if (typeof wanted !== 'string' || made.has(wanted)) return;
    this.complaints.fail([...path, key], `${noun} '${wanted}' ${how}${didYouMean(wanted, made)}`);
  }
}

type Names = Readonly<Record<string, unknown>>;

/** The names: `dst`, and of a bundle DST-2, DST-3 … */
function entriesMade(kind: string, args: Names): readonly string[] {
  const dst = args['dst'] as string;
  if (kind !== 'bundle_create') return [dst];
  return Array.from({ length: args['transforms'] as number }, (_, i) => (i === 0 ? dst : `${dst}-${i + 1}`));
}

/** Where in a step's arguments it says that the action waits: [] for the action itself, null if it does not. */
function waitIn({ kind, args }: Step): Path | null {
  if (kind === 'wait' || kind === 'user') return [];
  const key = ['over', 'rate', 'every'].find((name) => (args as Names)[name] !== undefined);
  return key === undefined ? null : [key];
}
