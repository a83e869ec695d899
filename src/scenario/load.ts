/** From the bytes of a file to a scenario: form, then names, then revisions; every error with its place. */
import type { z } from 'zod';
import { type Commit, commits, findCommit, parseRevision, type Revision } from '../history/revision.js';
import { didYouMean, InputError } from '../sim/errors.js';
import { actions } from './actions/index.js';
import type { Condition } from './conditions.js';
import { toNs } from './read/duration.js';
import { validate } from './read/validate.js';
import { type Path, readYaml, type YamlSource } from './read/yaml.js';
import { type Hold, untilPoints } from './schedule.js';
import { type MachineSpec, machineSchema, type NetworkSpec, type ScenarioFile, scenarioSchema } from './schema.js';
import type { Step } from './steps.js';

export interface Expectation {
  /** First and last R number it is for. */
  readonly from: number;
  readonly to: number;
  /** Extra commits that must be added; none for a plain revision. */
  readonly with: readonly Commit[];
  readonly variant: string | undefined;
  readonly because: string | undefined;
  readonly conditions: readonly Condition[];
  /** `file:line:column`. */
  readonly place: string;
}

export interface Actor {
  readonly name: string;
  readonly cpu: number;
  readonly do: readonly Step[];
}

export interface Variant {
  readonly name: string;
  readonly machine: MachineSpec;
  readonly network: NetworkSpec;
  readonly at: Revision | undefined;
}

export interface Scenario {
  /** The file's name without .yaml. */
  readonly name: string;
  readonly file: string;
  readonly title: string;
  readonly story: string;
  readonly fixedBy: Commit | null;
  readonly introducedBy: Commit | null;
  readonly related: readonly Commit[];
  readonly assuming: readonly Commit[];
  readonly at: Revision | undefined;
  readonly seed: number;
  readonly machine: MachineSpec;
  readonly network: NetworkSpec;
  readonly timers: Readonly<Record<string, readonly Step[]>>;
  readonly works: Readonly<Record<string, readonly Step[]>>;
  readonly cells: Readonly<Record<string, number>>;
  readonly actors: readonly Actor[];
  readonly schedule: readonly Hold[];
  readonly untilNs: number;
  readonly bug: Condition | null;
  readonly hasBug: boolean;
  /** Metrics that replay shows beside the symptom. */
  readonly show: readonly string[];
  readonly expect: readonly Expectation[];
  readonly allow: readonly string[];
  readonly invariants: boolean;
  readonly variants: readonly string[];
  readonly variantSpecs: Readonly<Record<string, Variant>>;
  readonly withoutFix: string | undefined;
}

const entriesMax = 10_000_000;
const actionsMax = 100_000;

/** Reads a scenario. Throws InputError (InputErrors for several) with file:line:column. */
export function loadScenario(bytes: Uint8Array, file: string): Scenario {
  const source = readYaml(bytes, file);
  const data = validate(scenarioSchema, source);
  return new Loader(source, data).load(scenarioName(file));
}

function scenarioName(file: string): string {
  const base = file.replace(/^.*[/\\]/, '');
  return base.replace(/\.ya?ml$/, '');
}

class Loader {
  private readonly source: YamlSource;
  private readonly data: ScenarioFile;
  private actionCount = 0;
  private entryCount = 0;

  constructor(source: YamlSource, data: ScenarioFile) {
    this.source = source;
    this.data = data;
  }

  load(name: string): Scenario {
    const { data } = this;
    const fixedBy = this.commit(data.fixedBy, ['fixedBy']);
    this.checkNames();
    for (const [index, hold] of data.schedule.entries()) this.checkHold(hold, index);
    const variantSpecs = this.variants();
    return {
      name,
      file: this.source.file,
      title: data.title,
      story: data.story,
      fixedBy,
      introducedBy: this.commit(data.introducedBy, ['introducedBy']),
      related: data.related.map((text, i) => this.commit(text, ['related', i])!),
      assuming: data.assuming.map((text, i) => this.commit(text, ['assuming', i])!),
      at: this.revision(data.at, ['at']),
      seed: data.seed,
      machine: data.machine,
      network: data.network,
      timers: Object.fromEntries(Object.entries(data.timers).map(([k, v]) => [k, v.handler])),
      works: Object.fromEntries(Object.entries(data.works).map(([k, v]) => [k, v.function])),
      cells: data.cells,
      actors: data.actors,
      schedule: data.schedule,
      untilNs: this.placed(['until'], () => toNs(data.until, data.machine.hz)),
      bug: data.bug ?? null,
      hasBug: data.bug !== undefined,
      show: data.show,
      expect: data.expect.map((_, index) => this.expectation(index)),
      allow: data.allow,
      invariants: data.invariants,
      variants: Object.keys(variantSpecs),
      variantSpecs,
      withoutFix: data.withoutFix,
    };
  }

  private fail(path: Path, message: string, which: 'key' | 'value' = 'value'): never {
    throw new InputError(message, { place: this.source.placeOf(path, which) });
  }

  /** Runs `get`; an InputError without a place gets that of the path. */
  private placed<T>(path: Path, get: () => T): T {
    try {
      return get();
    } catch (error) {
      if (error instanceof InputError && error.place === undefined) this.fail(path, error.message);
      throw error;
    }
  }

  private commit(text: string | undefined, path: Path): Commit | null {
    return text === undefined ? null : this.placed(path, () => findCommit(text));
  }

  private revision(text: string | undefined, path: Path): Revision | undefined {
    return text === undefined ? undefined : this.placed(path, () => parseRevision(text));
  }

  private variants(): Record<string, Variant> {
    const { data } = this;
    const result: Record<string, Variant> = {};
    for (const [name, variant] of Object.entries(data.variants)) {
      // Only keys that the file gives are changed: defaults of the partial form do not count.
      const given = (this.source.value as { variants: Record<string, Record<string, object>> }).variants[name]!;
      result[name] = {
        name,
        machine: merge(data.machine, variant.machine, given['machine']),
        network: merge(data.network, variant.network, given['network']),
        at: this.revision(variant.at, ['variants', name, 'at']),
      };
    }
    return result;
  }

  private expectation(index: number): Expectation {
    const spec = this.data.expect[index]!;
    const path: Path = ['expect', index];
    const place = this.source.placeOf(path);
    if (spec.variant !== undefined && !(spec.variant in this.data.variants)) {
      this.fail(
        [...path, 'variant'],
        `there is no variant '${spec.variant}'${didYouMean(spec.variant, Object.keys(this.data.variants))}`,
      );
    }
    const [from, to] = this.range(spec.at, [...path, 'at']);
    return {
      from,
      to,
      with: (spec.with ?? []).map((text, i) => this.commit(text, [...path, 'with', i])!),
      variant: spec.variant,
      because: spec.because,
      conditions: Array.isArray(spec.that) ? spec.that : [spec.that],
      place: `${place.file}:${place.line}:${place.column}`,
    };
  }

  /** `A..B`, `A..`, `..B` or `A`: R numbers, both included. */
  private range(text: string | undefined, path: Path): [number, number] {
    if (text === undefined) return [1, commits.length];
    const number = (part: string, open: number): number => {
      if (part === '') return open;
      const revision = this.placed(path, () => parseRevision(part));
      if (revision.base.number === undefined)
        this.fail(path, `'${part}' is not one of the 26 commits; use 'with:' for the others`);
      return revision.base.number;
    };
    const dots = text.indexOf('..');
    if (dots === -1) {
      const only = number(text, 0);
      return [only, only];
    }
    const from = number(text.slice(0, dots), 1);
    const to = number(text.slice(dots + 2), commits.length);
    if (from > to) this.fail(path, `the range ${text} is empty: R${from} is after R${to}`);
    return [from, to];
  }

  private checkHold(hold: Hold, index: number): void {
    const names = [...this.data.actors.map((a) => a.name)];
    const cpus = this.data.machine.cpus;
    const check = (actor: string | undefined, cpuId: number | undefined, path: Path): void => {
      // Tasks of the kernel's own (events/0) have a slash in their names and may be meant too.
      if (actor !== undefined && !names.includes(actor) && !actor.includes('/')) {
        this.fail(path, `there is no actor '${actor}'${didYouMean(actor, names)}`);
      }
      if (cpuId !== undefined && cpuId >= cpus) this.fail(path, `there is no CPU ${cpuId}: the machine has ${cpus}`);
    };
    check(hold.hold.actor, hold.hold.cpu, ['schedule', index, 'hold']);
    for (const until of untilPoints(hold)) check(until.actor, until.cpu, ['schedule', index, 'until']);
  }

  private checkNames(): void {
    const { data } = this;
    const seen = new Set<string>();
    for (const [i, actor] of data.actors.entries()) {
      if (seen.has(actor.name)) this.fail(['actors', i, 'name'], `there are two actors named '${actor.name}'`);
      seen.add(actor.name);
      if (actor.cpu >= data.machine.cpus) {
        this.fail(
          ['actors', i, 'cpu'],
          `there is no CPU ${actor.cpu}: the machine has ${data.machine.cpus}, numbered from 0`,
        );
      }
      this.checkSteps(actor.do, ['actors', i, 'do'], 1);
    }
    for (const [name, timer] of Object.entries(data.timers))
      this.checkSteps(timer.handler, ['timers', name, 'handler'], 1);
    for (const [name, work] of Object.entries(data.works))
      this.checkSteps(work.function, ['works', name, 'function'], 1);
  }

  private checkSteps(steps: readonly Step[], path: Path, times: number): void {
    for (const [i, step] of steps.entries()) {
      const here: Path = [...path, i];
      if (++this.actionCount > actionsMax) this.fail(here, `more than ${actionsMax} actions`);
      if (step.cpu !== undefined && step.cpu >= this.data.machine.cpus) {
        this.fail(
          [...here, 'cpu'],
          `there is no CPU ${step.cpu}: the machine has ${this.data.machine.cpus}, numbered from 0`,
        );
      }
      for (const key of ['at', 'after'] as const) {
        const when = step[key];
        if (when !== undefined) this.placed([...here, key], () => toNs(when, this.data.machine.hz));
      }
      this.checkArgs(step, [...here, step.kind], times);
    }
  }

  private checkArgs(step: Step, path: Path, times: number): void {
    const args = step.args as Record<string, unknown>;
    if (typeof args !== 'object' || args === null) {
      if (typeof args === 'number' && /_cpu$|_worker$/.test(step.kind)) this.checkCpu(args, path);
      return;
    }
    this.checkReference(args, 'timer', this.data.timers, path);
    this.checkReference(args, 'work', this.data.works, path);
    if (actions[step.kind]!.schema !== undefined && 'cell' in args)
      this.checkReference(args, 'cell', this.data.cells, path);
    if (typeof args['on'] === 'number') this.checkCpu(args['on'], [...path, 'on']);
    const count = args['count'];
    if (typeof count === 'number' && step.kind.startsWith('alloc')) {
      this.entryCount += count * times;
      if (this.entryCount > entriesMax)
        this.fail([...path, 'count'], `more than ${entriesMax} entries are allocated in all`);
    }
    if (step.kind === 'repeat') this.checkSteps(args['do'] as Step[], [...path, 'do'], times * (count as number));
  }

  private checkCpu(cpu: number, path: Path): void {
    const { cpus } = this.data.machine;
    if (cpu >= cpus) this.fail(path, `there is no CPU ${cpu}: the machine has ${cpus}, numbered from 0`);
  }

  private checkReference(
    args: Record<string, unknown>,
    key: string,
    declared: Readonly<Record<string, unknown>>,
    path: Path,
  ): void {
    const wanted = args[key];
    if (typeof wanted !== 'string' || Object.hasOwn(declared, wanted)) return;
    const names = Object.keys(declared);
    const hint = names.length === 0 ? `; declare it under '${key}s:'` : didYouMean(wanted, names);
    this.fail([...path, key], `there is no ${key} '${wanted}'${hint}`);
  }
}

function merge<T extends object>(base: T, change: object | undefined, given: object | undefined): T {
  if (change === undefined || given === undefined) return base;
  const picked = Object.fromEntries(Object.entries(change).filter(([key]) => key in given));
  return { ...base, ...picked };
}

/** For tests and the library: a machine description with defaults filled in. */
export function machineSpec(spec: z.input<typeof machineSchema>): MachineSpec {
  return machineSchema.parse(spec);
}
