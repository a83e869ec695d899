/** From the bytes of a file to a scenario: form, then names, then revisions; every error with its place. */
import type { z } from 'zod';
import { type Commit, commits, findCommit, parseRevision, type Revision } from '../history/revision.js';
import { didYouMean } from '../sim/errors.js';
import { checkCondition } from './check-conditions.js';
import { checkSteps } from './check-steps.js';
import { Complaints } from './complain.js';
import type { Condition } from './conditions.js';
import { type Duration, toNs } from './read/duration.js';
import { validate } from './read/validate.js';
import { type Path, readYaml, type YamlSource } from './read/yaml.js';
import type { Hold } from './schedule.js';
import { type MachineSpec, machineSchema, type NetworkSpec, type ScenarioFile, scenarioSchema } from './schema.js';
import type { Step } from './steps.js';

const samplesMax = 100_000;

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
  readonly untilNs: number;
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
  /** Between samples of the series `routes`, ns; null: none are taken. */
  readonly sampleNs: number | null;
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
  private readonly complaints: Complaints;

  constructor(source: YamlSource, data: ScenarioFile) {
    this.source = source;
    this.data = data;
    this.complaints = new Complaints(source);
  }

  load(name: string): Scenario {
    const { data } = this;
    const fixedBy = this.commit(data.fixedBy, ['fixedBy']);
    this.checkActors();
    checkSteps(data, this.complaints);
    if (data.bug !== undefined) this.checkCondition(data.bug, ['bug']);
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
      untilNs: this.complaints.placed(['until'], () => toNs(data.until, data.machine.hz)),
      sampleNs: data.sample === undefined ? null : this.sampleNs(data.sample),
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

  private checkCondition(condition: Condition, path: Path): void {
    checkCondition(condition, path, Object.keys(this.data.timers), this.complaints);
  }

  private commit(text: string | undefined, path: Path): Commit | null {
    return text === undefined ? null : this.complaints.placed(path, () => findCommit(text));
  }

  private sampleNs(every: Duration): number {
    const { data, complaints } = this;
    const ns = complaints.placed(['sample'], () => toNs(every, data.machine.hz));
    const untilNs = complaints.placed(['until'], () => toNs(data.until, data.machine.hz));
    if (untilNs > ns * samplesMax) complaints.fail(['sample'], `more than ${samplesMax} samples in all`);
    return ns;
  }

  private revision(text: string | undefined, path: Path): Revision | undefined {
    return text === undefined ? undefined : this.complaints.placed(path, () => parseRevision(text));
  }

  private variants(): Record<string, Variant> {
    const { data } = this;
    const result: Record<string, Variant> = {};
    for (const [name, variant] of Object.entries(data.variants)) {
      // Only keys that the file gives are changed: defaults of the partial form do not count.
      const given = (this.source.value as { variants: Record<string, Record<string, object>> }).variants[name]!;
      const machine = merge(data.machine, variant.machine, given['machine']);
      const complaints = new Complaints(this.source, name);
      checkSteps({ ...data, machine }, complaints);
      result[name] = {
        name,
        machine,
        network: merge(data.network, variant.network, given['network']),
        at: this.revision(variant.at, ['variants', name, 'at']),
        untilNs: complaints.placed(['until'], () => toNs(data.until, machine.hz)),
      };
    }
    return result;
  }

  private expectation(index: number): Expectation {
    const spec = this.data.expect[index]!;
    const path: Path = ['expect', index];
    const place = this.source.placeOf(path);
    if (spec.variant !== undefined && !Object.hasOwn(this.data.variants, spec.variant)) {
      this.complaints.fail(
        [...path, 'variant'],
        `there is no variant '${spec.variant}'${didYouMean(spec.variant, Object.keys(this.data.variants))}`,
      );
    }
    const [from, to] = this.range(spec.at, [...path, 'at']);
    const conditions = Array.isArray(spec.that) ? spec.that : [spec.that];
    for (const [i, condition] of conditions.entries()) {
      this.checkCondition(condition, Array.isArray(spec.that) ? [...path, 'that', i] : [...path, 'that']);
    }
    return {
      from,
      to,
      with: (spec.with ?? []).map((text, i) => this.commit(text, [...path, 'with', i])!),
      variant: spec.variant,
      because: spec.because,
      conditions,
      place: `${place.file}:${place.line}:${place.column}`,
    };
  }

  /** `A..B`, `A..`, `..B` or `A`: R numbers, both included. */
  private range(text: string | undefined, path: Path): [number, number] {
    if (text === undefined) return [1, commits.length];
    const number = (part: string, open: number): number => {
      if (part === '') return open;
      const revision = this.complaints.placed(path, () => parseRevision(part));
      if (revision.added.length + revision.removed.length > 0) {
        this.complaints.fail(path, `'${part}' is not one of the 26 commits; use 'with:' for the others`);
      }
      return revision.base.number!;
    };
    const dots = text.indexOf('..');
    if (dots === -1) {
      const only = number(text, 0);
      return [only, only];
    }
    const from = number(text.slice(0, dots), 1);
    const to = number(text.slice(dots + 2), commits.length);
    if (from > to) this.complaints.fail(path, `the range ${text} is empty: R${from} is after R${to}`);
    return [from, to];
  }

  private checkHold(spec: Hold, index: number): void {
    const { hold, until } = spec;
    const path: Path = ['schedule', index];
    this.checkWho(hold, [...path, 'hold']);
    if (hold.before !== undefined) this.checkWho(hold.before, [...path, 'hold', 'before']);
    if (hold.after !== undefined) this.checkWho(hold.after, [...path, 'hold', 'after']);
    if (!Array.isArray(until)) this.checkWho(until, [...path, 'until']);
    else for (const [i, point] of until.entries()) this.checkWho(point, [...path, 'until', i]);
  }

  private checkWho(spec: { actor?: string | undefined; cpu?: number | undefined }, path: Path): void {
    const names = this.data.actors.map((a) => a.name);
    const { actor, cpu } = spec;
    // Tasks of the kernel's own (events/0) have a slash in their names and may be meant too.
    if (actor !== undefined && !names.includes(actor) && !actor.includes('/')) {
      this.complaints.fail([...path, 'actor'], `there is no actor '${actor}'${didYouMean(actor, names)}`);
    }
    if (cpu !== undefined) this.complaints.checkCpu(cpu, this.data.machine.cpus, [...path, 'cpu']);
  }

  private checkActors(): void {
    const seen = new Set<string>();
    for (const [i, { name }] of this.data.actors.entries()) {
      if (seen.has(name)) this.complaints.fail(['actors', i, 'name'], `there are two actors named '${name}'`);
      seen.add(name);
    }
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
