import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { allRevisions } from '../../src/history/revision.js';
import { actions } from '../../src/scenario/actions/index.js';
import { newScenarioText } from '../../src/scenario/new.js';
import { runScenario } from '../../src/scenario/run.js';
import { scenarioJsonSchema } from '../../src/scenario/schema.js';
import { load, shippedNames, shippedText } from './helpers.js';

describe('a new scenario', () => {
  const scenario = load(newScenarioText('my-first'), 'my-first.yaml');

  it('loads under its name', () => {
    expect(scenario.name).toBe('my-first');
    expect(newScenarioText('my-first')).toContain('jiffies run scenarios/my-first.yaml');
  });

  it.each(allRevisions())('runs at R$base.number with all expectations holding', (revision) => {
    const report = runScenario(scenario, { revision });
    expect(report.ok).toBe(true);
    expect(report.expectations.length).toBeGreaterThanOrEqual(3);
  });
});

type Node = Readonly<Record<string, any>>;

/**
 * As much of JSON Schema as ours uses: what is wrong with `value`, as paths. Without annotations, and with formats
 * left out.
 */
function invalid(schema: Node, value: unknown, root: Node, at = '$'): string[] {
  const inner = (sub: Node, v: unknown = value, path = at): string[] => invalid(sub, v, root, path);
  if (typeof schema['$ref'] === 'string') return inner(resolve(schema['$ref'], root));
  const wrong: string[] = [];
  for (const key of ['anyOf', 'oneOf'] as const) {
    const options = schema[key] as Node[] | undefined;
    if (options !== undefined && !options.some((option) => inner(option).length === 0)) wrong.push(`${at}: ${key}`);
  }
  for (const part of (schema['allOf'] as Node[] | undefined) ?? []) wrong.push(...inner(part));
  if (schema['enum'] !== undefined && !(schema['enum'] as unknown[]).includes(value)) wrong.push(`${at}: enum`);
  if (schema['const'] !== undefined && schema['const'] !== value) wrong.push(`${at}: const`);
  if (schema['type'] !== undefined && ![schema['type']].flat().includes(typeOf(value, schema['type'])))
    return [`${at}: type`];
  if (typeof value === 'string' && schema['pattern'] !== undefined && !new RegExp(schema['pattern'], 'u').test(value)) {
    wrong.push(`${at}: pattern`);
  }
  if (typeof value === 'number') {
    if (value < (schema['minimum'] ?? -Infinity) || value > (schema['maximum'] ?? Infinity)) wrong.push(`${at}: range`);
  }
  if (Array.isArray(value)) {
    if (value.length < (schema['minItems'] ?? 0) || value.length > (schema['maxItems'] ?? Infinity))
      wrong.push(`${at}: length`);
    if (schema['items'] !== undefined)
      wrong.push(...value.flatMap((item, i) => inner(schema['items'], item, `${at}[${i}]`)));
  } else if (typeof value === 'object' && value !== null)
    wrong.push(...invalidMapping(schema, value as Node, root, at));
  return wrong;
}

function invalidMapping(schema: Node, value: Node, root: Node, at: string): string[] {
  const { properties = {}, additionalProperties, propertyNames } = schema;
  const missing = ((schema['required'] as string[] | undefined) ?? []).filter((key) => !(key in value));
  const rest = Object.keys(value).flatMap((key) => {
    const path = `${at}.${key}`;
    const names = propertyNames === undefined ? [] : invalid(propertyNames, key, root, `${path} (name)`);
    if (key in properties) return [...names, ...invalid(properties[key], value[key], root, path)];
    if (additionalProperties === false) return [`${path}: unknown`];
    return additionalProperties === undefined
      ? names
      : [...names, ...invalid(additionalProperties, value[key], root, path)];
  });
  return [...missing.map((key) => `${at}.${key}: missing`), ...rest];
}

function typeOf(value: unknown, wanted: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number' && Number.isInteger(value) && [wanted].flat().includes('integer')) return 'integer';
  return typeof value;
}

function resolve(ref: string, root: Node): Node {
  const steps = ref
    .replace(/^#\/?/, '')
    .split('/')
    .filter((step) => step !== '');
  return steps.reduce((node, step) => node[step.replaceAll('~1', '/').replaceAll('~0', '~')], root);
}

describe('the JSON Schema', () => {
  const schema = scenarioJsonSchema() as Node;
  const check = (text: string): string[] => invalid(schema, parse(text), schema);

  it('is the same text each time', () => {
    expect(JSON.stringify(scenarioJsonSchema())).toBe(JSON.stringify(schema));
    expect(schema).toMatchObject({ $id: 'jiffies/scenario/1', title: 'A jiffies scenario', type: 'object' });
  });

  it('knows every action, with a description of the whole', () => {
    const text = JSON.stringify(schema);
    for (const name of Object.keys(actions)) expect(text).toContain(`"${name}":`);
  });

  it('has no reference to nowhere', () => {
    const refs = [...JSON.stringify(schema).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]!);
    expect(refs.length).toBeGreaterThan(0);
    for (const ref of refs) expect(resolve(ref, schema)).toBeDefined();
  });

  it.each(shippedNames)('accepts %s', (name) => {
    expect(check(shippedText(name))).toEqual([]);
  });

  it('accepts a new scenario', () => {
    expect(check(newScenarioText('x'))).toEqual([]);
  });

  const minimal = 'title: t\nstory: s\nmachine: {hz: 250}\nuntil: 1s\nactors: [{name: a, do: [{mark: m}]}]\n';

  it.each([
    ['titel: t', '$.titel: unknown'],
    ['seed: -1', '$.seed: range'],
    ['at: 5', '$.at: type'],
    ['show: [gc.run]', '$.show[0]: anyOf'],
    ['timers: {t: {handler: [{mod_timr: {}}]}}', '$.timers.t.handler[0]'],
    ['cells: {"a b": 1}', '$.cells.a b (name): pattern'],
  ])('refuses %s', (more, where) => {
    expect(check(minimal)).toEqual([]);
    expect(check(minimal + more).join('\n')).toContain(where);
  });
});
