/** Turns the issues of zod into findings: one line each, saying what was found, what was expected and the nearest name. */
import type { z } from 'zod';
import { didYouMean, nearestName } from '../../sim/errors.js';
import { describeExpected, describeFound, oneOf } from './describe.js';
import { clip } from './escape.js';
import { hintOf } from './hints.js';
import { defOf, keysOf, meantBy, type Schema, schemaAt, unwrap, valueAt } from './schema-walk.js';
import type { Path, YamlSource } from './yaml.js';

type Issue = z.core.$ZodIssue;

/** Something wrong at a path; `line` is made only for the findings that are shown. */
export interface Finding {
  readonly path: Path;
  readonly which: 'key' | 'value';
  line(): string;
  /** The key that is missing at `path`. */
  readonly missing?: string;
  /** The key that was probably meant by the unknown one at `path`. */
  meant?(): string | undefined;
}

/** The findings that `issue`, raised by `schema` on the data at `base`, stands for. */
export function findingsOf(issue: Issue, schema: Schema, source: YamlSource, base: Path = []): Finding[] {
  const path: Path = [...base, ...(issue.path as Path)];
  const value = valueAt(source.value, base);
  const local = (): Schema | undefined => schemaAt(schema, value, issue.path);
  const meant = (): Schema | undefined => {
    const schemaThere = local();
    return schemaThere && meantBy(schemaThere, valueAt(source.value, path));
  };
  switch (issue.code) {
    case 'unrecognized_keys': {
      const mapping = meant();
      return issue.keys.map((key) => unknownKey(path, key, namesFor(mapping), nounFor(mapping)));
    }
    case 'invalid_union':
      return unionFindings(issue, schema, source, base);
    case 'custom':
      return [
        { path, which: issue.params?.['at'] === 'key' ? 'key' : 'value', line: () => prefix(path) + issue.message },
      ];
    case 'invalid_key':
      return [{ path, which: 'key', line: () => badKey(path, issue, unwrapRecord(schema, value, issue.path)) }];
    default: {
      // A bound that is not met comes from one branch of a union, a wrong kind from all of them.
      const ofAll = issue.code === 'invalid_type' || issue.code === 'invalid_value';
      const expected = (): string => describeIssue(issue, ofAll ? local() : meant());
      return [mismatch(path, source, expected, () => choices(issue))];
    }
  }
}

/** `expected X, found Y` at `path`, or `missing 'key'` if there is nothing at it. */
function mismatch(path: Path, source: YamlSource, expected: () => string, names: () => readonly string[]): Finding {
  const found = valueAt(source.value, path);
  if (found === undefined && path.length > 0) {
    const parent = path.slice(0, -1);
    const line = (): string => `${prefix(parent)}missing '${clip(String(path.at(-1)), 40)}', expected ${expected()}`;
    return {
      path: parent,
      which: typeof parent.at(-1) === 'string' ? 'key' : 'value',
      line,
      missing: String(path.at(-1)),
    };
  }
  const line = (): string => {
    const near = typeof found === 'string' ? didYouMean(found, names()) : '';
    return `${prefix(path)}expected ${expected()}, found ${describeFound(found, source.written(path))}${near}`;
  };
  return { path, which: 'value', line };
}

/** Finds the branch that was meant and reports what is wrong with it, rather than that no branch fits. */
function unionFindings(issue: z.core.$ZodIssueInvalidUnion, schema: Schema, source: YamlSource, base: Path): Finding[] {
  const path: Path = [...base, ...(issue.path as Path)];
  if (issue.discriminator !== undefined) {
    const names = (('options' in issue ? issue.options : undefined) ?? []).map(String);
    return [
      mismatch(
        path,
        source,
        () => oneOf(names),
        () => names,
      ),
    ];
  }
  const union = schemaAt(schema, valueAt(source.value, base), issue.path);
  const def = union === undefined ? undefined : defOf(unwrap(union));
  const options = def?.type === 'union' ? def.options : [];
  const branches = issue.errors
    .map((issues, index) => ({ issues, schema: options[index], cost: costOf(issues) }))
    .filter((branch) => !branch.issues.some(isWrongKind));
  const cost = Math.min(...branches.map((branch) => branch.cost));
  const best = branches.filter((branch) => branch.cost === cost);
  const [first] = best;
  if (first?.schema === undefined) {
    return [
      mismatch(
        path,
        source,
        () => (union === undefined ? 'another value' : describeExpected(union)),
        () => choices(issue),
      ),
    ];
  }
  const shared = best.length > 1 ? sharedFinding(best, path, source) : undefined;
  return shared ?? first.issues.flatMap((inner) => findingsOf(inner, first.schema!, source, path));
}

interface Branch {
  readonly issues: readonly Issue[];
  readonly schema: Schema | undefined;
}

/** When branches fail alike, one finding with the names of all: an unknown key, or a literal that selects none. */
function sharedFinding(best: readonly Branch[], path: Path, source: YamlSource): Finding[] | undefined {
  const firsts = best.map((branch) =>
    branch.issues.find((issue) => issue.code === 'invalid_value' && issue.path.length === 1),
  );
  const key = firsts[0]?.path[0];
  if (key !== undefined && firsts.every((issue) => issue?.path[0] === key)) {
    const names = [...new Set(firsts.flatMap((issue) => (issue === undefined ? [] : choices(issue))))];
    return [
      mismatch(
        [...path, key as string],
        source,
        () => oneOf(names),
        () => names,
      ),
    ];
  }
  const unknown = best.map((branch) =>
    branch.issues.find((issue) => issue.code === 'unrecognized_keys' && issue.path.length === 0),
  );
  if (!unknown.every((issue) => issue !== undefined)) return undefined;
  const names = [...new Set(best.flatMap((branch) => (branch.schema === undefined ? [] : keysOf(branch.schema))))];
  const keys = new Set(unknown.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [])));
  const strangers = [...keys].filter((name) => !names.includes(name));
  return strangers.length === 0 ? undefined : strangers.map((name) => unknownKey(path, name, names, 'key'));
}

/** The data is of another kind than the branch takes (text for a mapping, say). */
function isWrongKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union' && issue.errors.length > 0)
    return issue.errors.every((inner) => inner.some(isWrongKind));
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

/** How far a branch is from what was meant: keys it does not know, keys it misses, and most of all a literal that disagrees. */
function costOf(issues: readonly Issue[]): number {
  let cost = 0;
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys' && issue.path.length === 0) cost += 2 * issue.keys.length;
    else if (issue.code === 'invalid_value' && issue.path.length === 1) cost += 100;
    else if (issue.path.length === 1) cost += 1;
  }
  return cost;
}

function unknownKey(path: Path, key: string, names: readonly string[], noun: string): Finding {
  const line = (): string => {
    const expected = names.length === 0 ? '' : `, expected ${oneOf(names)}`;
    return `${prefix(path)}unknown ${noun} '${clip(key, 40)}'${expected}${didYouMean(key, names)}`;
  };
  return { path: [...path, key], which: 'key', line, meant: () => nearestName(key, names) };
}

function badKey(path: Path, issue: z.core.$ZodIssueInvalidKey, keys: Schema | undefined): string {
  const name = String(path.at(-1));
  const expected = keys === undefined ? 'another name' : describeExpected(keys);
  const near = didYouMean(name, issue.issues.flatMap(choices));
  return `${prefix(path.slice(0, -1))}expected ${expected} as key, found '${clip(name, 40)}'${near}`;
}

function unwrapRecord(schema: Schema, value: unknown, path: readonly PropertyKey[]): Schema | undefined {
  const record = schemaAt(schema, value, path.slice(0, -1));
  const def = record === undefined ? undefined : defOf(unwrap(record));
  return def?.type === 'record' ? def.keyType : undefined;
}

function describeIssue(issue: Issue, schema: Schema | undefined): string {
  if (schema !== undefined) return describeExpected(schema);
  return issue.code === 'invalid_value' ? oneOf(choices(issue)) : 'another value';
}

/** The values that would have done at the place of `issue` itself. */
function choices(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code !== 'invalid_union') return [];
  return issue.errors.flat().flatMap((inner) => (inner.path.length === 0 ? choices(inner) : []));
}

function namesFor(schema: Schema | undefined): readonly string[] {
  return schema === undefined ? [] : keysOf(schema);
}

function nounFor(schema: Schema | undefined): string {
  return (schema && hintOf(schema)?.keyNoun) ?? 'key';
}

/** `actors[0].cpu: `, or nothing at the root. */
function prefix(path: Path): string {
  if (path.length === 0) return '';
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${clip(step, 40)}`)).join('');
  return `${text.startsWith('.') ? text.slice(1) : text}: `;
}
