/** The errors this program raises on purpose. Each says what was wrong and carries the exit code it leads to. */

/** A place in a file, 1-based. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type ExitCode = 1 | 2 | 3 | 4 | 70;

export interface ErrorDetails {
  readonly place?: Place;
  readonly cause?: unknown;
}

/** Base of every deliberate error. `message` is one clear line; `exitCode` is what the command line exits with. */
export class JiffiesError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly place: Place | undefined;

  constructor(code: string, exitCode: ExitCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'JiffiesError';
    this.code = code;
    this.exitCode = exitCode;
    this.place = details.place;
  }
}

/** Usage or bad input: exit 2. */
export class InputError extends JiffiesError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('input', 2, message, details);
    this.name = 'InputError';
  }
}

/** A limit was reached before an answer: exit 3. */
export class LimitError extends JiffiesError {
  constructor(message: string) {
    super('limit', 3, message);
    this.name = 'LimitError';
  }
}

/** Two runs that should have been the same were not: exit 4. */
export class NondeterminismError extends JiffiesError {
  constructor(message: string) {
    super('nondeterminism', 4, message);
    this.name = 'NondeterminismError';
  }
}

/** A bug of ours: exit 70. The prefix tells a reader that it is not his. */
export class InternalError extends JiffiesError {
  constructor(message: string) {
    super('internal', 70, `[jiffies internal bug] ${message}`);
    this.name = 'InternalError';
  }
}

/** Letters of a name from which on the rest may be left out. */
const abbreviationMin = 3;

/**
 * The first name in `names` of which `wanted` is a part, as `dpor` is of `optimal-dpor`; or else the nearest by edit distance,
 * if it is near enough to be what was meant; or else the first of which it begins a part.
 */
export function nearestName(wanted: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  const all = [...names];
  const word = wanted.toLowerCase();
  if (word.length >= abbreviationMin) {
    const whole = all.find((name) => name.toLowerCase().split('-').includes(word));
    if (whole !== undefined) return whole;
  }
  for (const name of all) {
    const distance = editDistance(word, name.toLowerCase());
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  if (best !== undefined || wanted.length < abbreviationMin) return best;
  const part = `-${word}`;
  return all.find((name) => `-${name.toLowerCase()}`.includes(part));
}

/** `; did you mean 'x'?` or nothing. */
export function didYouMean(wanted: string, names: Iterable<string>): string {
  const nearest = nearestName(wanted, names);
  return nearest === undefined ? '' : `; did you mean '${nearest}'?`;
}

function editDistance(a: string, b: string): number {
  if (a.length > 200 || b.length > 200) return Number.POSITIVE_INFINITY;
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, previous[j]! + 1, row[j - 1]! + 1));
    }
    previous = row;
  }
  return previous[b.length]!;
}
