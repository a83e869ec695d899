/**
 * The options of the library's functions, held to what they mean before anything runs: a search with `runs: NaN` or a
 * misspelt name would otherwise look at nothing and find nothing. One line says what is wrong, where, and what was expected.
 */
import { kernelVersions } from '../kernel/era.js';
import { findingModes } from '../sanitize/findings.js';
import { didYouMean, InputError } from '../sim/errors.js';
import { strategyNames } from './strategies.js';

/** What an option may be. */
interface Kind {
  readonly expected: string;
  readonly fits: (value: unknown) => boolean;
  /** The values, if they are names. */
  readonly names?: readonly string[];
}

type Kinds = Readonly<Record<string, Kind>>;

const never = Number.POSITIVE_INFINITY;

function whole(min: number, max = Number.MAX_SAFE_INTEGER): Kind {
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
  return {
    expected: `a whole number ${range}`,
    fits: (value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
  };
}

/** A budget: as much as one likes. */
function budget(min: number): Kind {
  const { expected, fits } = whole(min);
  return { expected: `${expected}, or Infinity`, fits: (value) => value === never || fits(value) };
}

function oneOf(names: readonly string[]): Kind {
  return { expected: `one of ${names.join(', ')}`, fits: (value) => names.includes(value as string), names };
}

function hasMethods(value: unknown, ...names: readonly string[]): boolean {
  const object = (value ?? {}) as Readonly<Record<string, unknown>>;
  return names.every((name) => typeof object[name] === 'function');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const flag: Kind = { expected: 'true or false', fits: (value) => typeof value === 'boolean' };
const text: Kind = { expected: 'a text', fits: (value) => typeof value === 'string' };
const object: Kind = { expected: 'an object', fits: isObject };
const called: Kind = { expected: 'a function', fits: (value) => typeof value === 'function' };
const timeNs: Kind = {
  expected: 'a number of ns above 0',
  fits: (value) => typeof value === 'number' && value > 0,
};
const wholeOrNull: Kind = {
  expected: 'a whole number from 0, or null',
  fits: (value) => value === null || whole(0).fits(value),
};

const machineKinds: Kinds = {
  kernel: oneOf(kernelVersions),
  arch: oneOf(['i386', 'x86_64']),
  cpus: whole(1, 64),
  hz: {
    expected: 'a whole number from 1 to 100000 that divides 10^9, such as 100, 250 or 1000',
    fits: (value) => whole(1, 100_000).fits(value) && 1e9 % (value as number) === 0,
  },
  preempt: oneOf(['none', 'voluntary', 'full']),
  initialJiffies: whole(0),
  wheel: oneOf(['boot', 'steady']),
  onBug: oneOf(['die', 'continue']),
  ratelimit: oneOf(['real', 'always']),
  accessCostsNs: object,
  cacheLines: object,
  threadOrder: oneOf(['by-cpu', 'passes']),
  skipIdle: flag,
  maxOps: whole(1),
  maxVirtualNs: timeNs,
};

const runKinds: Kinds = { machine: object, decisionsMax: whole(1), horizonNs: timeNs };
const watchKinds: Kinds = {
  sanitize: oneOf(findingModes),
  benign: { expected: 'a list of known races', fits: (value) => Array.isArray(value) && value.every(isObject) },
};
const columns = whole(1);
const replayKinds: Kinds = { ...runKinds, ...watchKinds, listener: called, columns };
const exploreKinds: Kinds = {
  strategy: {
    expected: 'the name of a strategy, or a strategy of your own with begin, pick and choose',
    // Names are checked where strategies are made.
    fits: (value) => typeof value === 'string' || (isObject(value) && hasMethods(value, 'begin', 'pick', 'choose')),
    names: strategyNames,
  },
  seed: whole(0),
  runs: budget(1),
  steps: budget(1),
  preemptionBound: wholeOrNull,
  depth: whole(1),
  stallJiffiesMax: whole(0),
  countPreemptions: flag,
  countInterleavings: flag,
  keepGoing: flag,
  countTraces: flag,
  countPairs: flag,
  checkDeterminism: flag,
  shrink: flag,
  shrinkRuns: whole(0),
  prefix: text,
  prefixDecisions: whole(0),
  columns,

  ...runKinds,
  ...watchKinds,
};
const textOrPattern: Kind = {
  expected: 'a text or a pattern',
  fits: (value) => typeof value === 'string' || value instanceof RegExp,
};

/** By function: what it takes. */
const callers = {
  explore: exploreKinds,
  toHold: exploreKinds,
  toHoldExhaustively: exploreKinds,
  replay: replayKinds,
  runSchedule: runKinds,
  toHoldUnder: { ...runKinds, ...watchKinds, exact: flag },
  toFailUnder: { ...runKinds, ...watchKinds, with: textOrPattern },
  worldProgram: { revision: { expected: 'a revision', fits: () => true }, kernel: text, machine: object, network: object, untilNs: timeNs }, // biome-ignore format: one table
} as const satisfies Record<string, Kinds>;

/** Throws InputError, in one line, unless `options` are those of the function that is called so. */
export function checkOptions(caller: keyof typeof callers, options: unknown): void {
  if (!isObject(options)) throw new InputError(`${caller}: its options are ${shown(options)}; expected an object`);
  check(caller, '', options, callers[caller]);
  const { machine, prefix, prefixDecisions } = options;
  if (machine !== undefined && caller !== 'worldProgram') {
    check(caller, 'machine.', machine as Readonly<Record<string, unknown>>, machineKinds);
  }
  if (prefixDecisions !== undefined && prefix === undefined) {
    throw new InputError(`${caller}: prefixDecisions is given without a prefix`);
  }
}

function check(caller: string, place: string, options: Readonly<Record<string, unknown>>, kinds: Kinds): void {
  const known = Object.keys(kinds);
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) {
      const near = didYouMean(name, known) || `; there are ${known.join(', ')}`;
      throw new InputError(`${caller}: no option is called ${shown(place + name)}${near}`);
    }
    if (value === undefined || kind.fits(value)) continue;
    const near = typeof value === 'string' ? didYouMean(value, kind.names ?? []) : '';
    throw new InputError(`${caller}: ${place}${name} is ${shown(value)}; expected ${kind.expected}${near}`);
  }
}

/** Throws InputError for what cannot be explored. */
export function checkProgram(caller: string, program: unknown): void {
  if (typeof program === 'function' || hasMethods(program, 'stage')) return;
  const what = 'a program: a function that sets up a run, or what worldProgram or scenarioProgram makes';
  throw new InputError(`${caller}: its program is ${shown(program)}; expected ${what}`);
}

/** A value as it is told in an error: short. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 59)}…` : value}'`;
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
