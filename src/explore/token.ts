/**
 * Tokens: a schedule as a short text, `j1.` and base64url.
 *
 * Version 1, all numbers as varints (seven bits a byte, low first): flags (1: the run was cut at a limit, 2: a revision
 * follows, 4: an era follows); the program's fingerprint, 4 bytes; decisions of the run; revision and era, if any, as
 * length and UTF-8; the names of data choices, as count, length and UTF-8; the deviations, as count and for each the
 * decisions skipped since the last one, then 1 + actor, or 0, number of the name, value; two bytes of checksum.
 */
import { InputError } from '../sim/errors.js';
import { fromBase64url, toBase64url } from './base64url.js';
import type { Deviation, Schedule } from './recorder.js';

export interface Token extends Schedule {
  /** A hash of the program under its default schedule, 32 bits. */
  readonly fingerprint: number;
  /** The run was ended at a limit, not by itself. */
  readonly cut: boolean;
  /** The revision of the model it ran at, if it was a scenario. */
  readonly revision: string | null;
  /** The kernel version around it, likewise. */
  readonly era: string | null;
}

const prefix = 'j1.';

class Writer {
  readonly bytes: number[] = [];

  number(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.bytes.push((rest % 128) + 128);
    this.bytes.push(rest);
  }

  text(text: string): void {
    const encoded = new TextEncoder().encode(text);
    this.number(encoded.length);
    this.bytes.push(...encoded);
  }
}

class Reader {
  private at = 0;
  private readonly bytes: readonly number[];

  constructor(bytes: readonly number[]) {
    this.bytes = bytes;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new InputError('the token is cut off');
    return byte;
  }

  number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte % 128) * scale;
      if (!(value <= Number.MAX_SAFE_INTEGER)) throw new InputError('the token is damaged: a number is too large');
      if (byte < 128) return value;
    }
  }

  text(): string {
    const length = this.number();
    if (length > this.bytes.length) throw new InputError('the token is cut off');
    return new TextDecoder().decode(Uint8Array.from({ length }, () => this.byte()));
  }
}

function checksum(bytes: readonly number[]): number {
  let sum = 1;
  for (const byte of bytes) sum = (sum * 31 + byte) % 65_521;
  return sum;
}

export function encodeToken(token: Token): string {
  const writer = new Writer();
  const { revision, era, deviations } = token;
  writer.number((token.cut ? 1 : 0) + (revision === null ? 0 : 2) + (era === null ? 0 : 4));
  for (let shift = 0; shift < 32; shift += 8) writer.bytes.push((token.fingerprint >>> shift) & 255);
  writer.number(token.decisions);
  if (revision !== null) writer.text(revision);
  if (era !== null) writer.text(era);
  const names = [...new Set(deviations.filter(({ actor }) => actor < 0).map(({ name }) => name))];
  writer.number(names.length);
  for (const name of names) writer.text(name);
  writer.number(deviations.length);
  let last = -1;
  for (const { at, actor, name, value } of deviations) {
    writer.number(at - last - 1);
    last = at;
    writer.number(actor + 1);
    if (actor >= 0) continue;
    writer.number(names.indexOf(name));
    writer.number(value);
  }
  const sum = checksum(writer.bytes);
  return prefix + toBase64url([...writer.bytes, sum & 255, sum >> 8]);
}

/** Throws InputError for what is no token. */
export function decodeToken(text: string): Token {
  if (typeof text !== 'string') throw new InputError(`not a schedule token: ${String(text)}; a token is a text`);
  const trimmed = text.trim();
  if (!trimmed.startsWith(prefix)) {
    const newer = /^j\d+\./.exec(trimmed)?.[0];
    if (newer !== undefined) throw new InputError(`a token of another version: '${newer}', where '${prefix}' is known`);
    throw new InputError(`not a schedule token: '${trimmed.slice(0, 20)}'; a token begins with '${prefix}'`);
  }
  const bytes = fromBase64url(trimmed.slice(prefix.length));
  if (bytes === null || bytes.length < 10) throw new InputError('the token is cut off or has letters no token has');
  const body = bytes.slice(0, -2);
  const [low, high] = bytes.slice(-2);
  if (checksum(body) !== low! + high! * 256) throw new InputError('the token is damaged: its checksum is wrong');
  return read(new Reader(body));
}

function read(reader: Reader): Token {
  const flags = reader.number();
  let fingerprint = 0;
  for (let shift = 0; shift < 32; shift += 8) fingerprint |= reader.byte() << shift;
  const decisions = reader.number();
  const revision = (flags & 2) === 0 ? null : reader.text();
  const era = (flags & 4) === 0 ? null : reader.text();
  const names: string[] = [];
  for (let left = reader.number(); left > 0; left--) names.push(reader.text());
  const deviations: Deviation[] = [];
  let last = -1;
  for (let left = reader.number(); left > 0; left--) {
    const at = last + 1 + reader.number();
    last = at;
    const actor = reader.number() - 1;
    const name = actor < 0 ? (names[reader.number()] ?? '') : '';
    deviations.push({ at, actor, name, value: actor < 0 ? reader.number() : 0 });
  }
  return { fingerprint: fingerprint >>> 0, decisions, revision, era, deviations, cut: (flags & 1) !== 0 };
}
