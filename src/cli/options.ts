/** Options that several commands take, and the checks of their values. Each check throws InputError in one line. */
import { parseRevision, type Revision, releases } from '../history/revision.js';
import { parseDuration } from '../scenario/read/duration.js';
import { clip } from '../scenario/read/escape.js';
import { didYouMean, InputError } from '../sim/errors.js';
import type { Flag, Valued } from './command.js';

const SHOWN_CHARACTERS = 60;

function shown(text: string): string {
  return `'${clip(text, SHOWN_CHARACTERS)}'`;
}

/** A check of a whole number from `min` to `max`, written in decimal digits. */
export function wholeNumber(name: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InputError(`--${name} takes a whole number from ${min} to ${max}, found ${shown(text)}`);
  };
}

/** A check that the text is one of `names`. */
export function oneOfNames(what: string, names: readonly string[]): (text: string) => string {
  return (text) => {
    if (names.includes(text)) return text;
    throw new InputError(
      `${what} is one of ${names.join(', ')}; found ${shown(text)}${didYouMean(clip(text, SHOWN_CHARACTERS), names)}`,
    );
  };
}

/** A time above zero, in ns. HZ is not known here, so jiffies are refused. */
function positiveNs(option: string, text: string): number {
  const { unit, value } = parseDuration(text);
  if (unit === 'jiffies') {
    throw new InputError(`${option} takes a time such as 90s or 240h, found ${shown(text)}`);
  }
  if (value <= 0) throw new InputError(`${option} takes a time above zero, found ${shown(text)}`);
  return value;
}

function kernelVersion(text: string): string {
  if (releases.includes(text)) return text;
  const range = `${releases[0]} to ${releases.at(-1)}`;
  throw new InputError(`--kernel takes a version from ${range}, found ${shown(text)}${didYouMean(text, releases)}`);
}

function prefixed(option: string, check: (text: string) => unknown): (text: string) => unknown {
  return (text) => {
    try {
      return check(text);
    } catch (error) {
      if (!(error instanceof InputError) || error.message.startsWith('--')) throw error;
      throw new InputError(`${option}: ${error.message}`);
    }
  };
}

export const json: Flag = { type: 'boolean', describe: 'Print JSON in a stable, versioned form (see: schema --for)' };

export const at: Valued = {
  type: 'string',
  describe: 'Revision of dst.c: NAME[^][+COMMIT…][-COMMIT…], such as 86bba269d08f^, R14 or 2.6.24',
  value: 'revision',
  coerce: prefixed('--at', (text): Revision => parseRevision(text)),
};

export const kernel: Valued = {
  type: 'string',
  describe: 'Kernel version around dst.c, 2.6.12 to 2.6.29',
  value: 'kernel',
  coerce: kernelVersion,
};

export const seed: Valued = {
  type: 'string',
  describe: 'Seed of the random workloads (a whole number)',
  value: 'none',
  coerce: wholeNumber('seed', 0, 4_294_967_295),
};

export const maxOps: Valued = {
  type: 'string',
  describe: 'Stop after this many operations (default 1000000000)',
  value: 'none',
  coerce: wholeNumber('max-ops', 1, Number.MAX_SAFE_INTEGER),
};

/** An option whose value is a time above zero: ns. */
export function positiveTime(name: string, describe: string): Valued {
  const option = `--${name}`;
  return { type: 'string', describe, value: 'none', coerce: prefixed(option, (text) => positiveNs(option, text)) };
}

/** An option whose value is one of `names`. */
export function oneOf(name: string, describe: string, names: readonly string[]): Valued {
  const about = `${describe}: ${names.join(', ')}`;
  return { type: 'string', describe: about, value: names, coerce: oneOfNames(`--${name}`, names) };
}

export const maxVirtual = positiveTime('max-virtual', 'Stop after this much virtual time, such as 90s (default 240h)');

export const withFix: Valued = {
  type: 'string',
  describe: "An ES module of your own, run as code: its functions replace the model's",
  value: 'file',
  coerce: plainText,
};

/** Text that is taken as it is. */
export function plainText(text: string): string {
  return text;
}
