/** The vocabulary of scenarios, out of its schema and tables. */
import { bulkActions } from '../../../src/scenario/actions/bulk.js';
import type { ActionDefinition } from '../../../src/scenario/actions/define.js';
import { deviceActions } from '../../../src/scenario/actions/devices.js';
import { dstActions } from '../../../src/scenario/actions/dst.js';
import { familyActions } from '../../../src/scenario/actions/families.js';
import { actions, stepSchema } from '../../../src/scenario/actions/index.js';
import { lockActions } from '../../../src/scenario/actions/locks.js';
import { machineActions } from '../../../src/scenario/actions/machine.js';
import { memoryActions } from '../../../src/scenario/actions/memory.js';
import { namespaceActions } from '../../../src/scenario/actions/namespaces.js';
import { requestActions } from '../../../src/scenario/actions/requests.js';
import { routeActions } from '../../../src/scenario/actions/routes.js';
import { timeActions } from '../../../src/scenario/actions/time.js';
import { timerActions } from '../../../src/scenario/actions/timers.js';
import { workActions } from '../../../src/scenario/actions/works.js';
import { conditionSchema } from '../../../src/scenario/conditions.js';
import { metricDocs } from '../../../src/scenario/meter.js';
import { defOf, type Schema, unwrap } from '../../../src/scenario/read/schema-walk.js';
import { holdSchema } from '../../../src/scenario/schedule.js';
import { machineSchema, scenarioSchema } from '../../../src/scenario/schema.js';
import { sourceFiles } from '../../house/source.js';
import type { Generator } from '../examples.js';
import { defaultOf, isOptional, kindOf, meaningOf } from './schema-text.js';
import { code, type Row, table } from './table.js';
import { costDocs, gcColumnDocs, gcColumnsShown, keyDocs, violationDocs } from './words.js';

const groups: Readonly<Record<string, Readonly<Record<string, ActionDefinition>>>> = {
  timers: timerActions,
  works: workActions,
  dst: dstActions,
  bulk: bulkActions,
  devices: deviceActions,
  namespaces: namespaceActions,
  routes: routeActions,
  families: familyActions,
  requests: requestActions,
  memory: memoryActions,
  locks: lockActions,
  time: timeActions,
  machine: { ...machineActions, repeat: actions['repeat']! },
};

/** The keys of the mapping that `schema` is, under its wrappers. */
function shapeOf(schema: Schema): Readonly<Record<string, Schema>> {
  const def = defOf(unwrap(schema));
  if (def.type === 'object') return def.shape as Record<string, Schema>;
  if (def.type === 'array') return shapeOf(def.element);
  if (def.type === 'record') return shapeOf(def.valueType);
  throw new Error(`no mapping but ${def.type}`);
}

/** A row for each key: what to write, what it is if left out, what it means. */
function keys(where: string, schema: Schema, leftOut: readonly string[] = []): string {
  const rows = Object.entries(shapeOf(schema)).flatMap(([key, field]): Row[] => {
    if (leftOut.includes(key)) return [];
    const ready = defaultOf(field);
    const shown = !isOptional(field) ? 'required' : ready === undefined ? '' : code(JSON.stringify(ready));
    return [[code(key), kindIn(where, key, field), shown, meaning(where, key, field)]];
  });
  return table(['key', 'value', 'if left out', 'meaning'], rows);
}

/** What a table says where neither the schema nor words.ts does. */
const undescribed = '*not described yet*';

/** What all that do something to many entries share; explained once. */
const pace = ', over?: DURATION, rate?: NUMBER, spacing?: even or poisson = "even"';

/** Kinds too long for a table, or better said otherwise. */
const otherKinds: Readonly<Record<string, string>> = {
  'scenario.fixedBy': 'COMMIT',
  'scenario.introducedBy': 'COMMIT',
  'scenario.related': 'list of COMMIT',
  'scenario.assuming': 'list of COMMIT',
  'scenario.at': 'REVISION',
  'variant.at': 'REVISION',
  'expect.with': 'list of COMMIT',
  'expect.at': 'RANGE',
  'scenario.allow': 'list of [KIND](#violations)',
  'scenario.machine': 'see [machine](#machine)',
  'scenario.network': 'see [network](#network)',
  'scenario.actors': 'list, see [actors and steps](#actors-and-steps)',
  'scenario.schedule': 'list, see [schedule](#schedule)',
  'scenario.expect': 'list, see [expect](#expect)',
  'scenario.variants': 'NAME: see [variants](#variants)',
  'scenario.show': 'list of [metrics](#metrics), at most 5',
  'scenario.bug': 'a [condition](#conditions)',
  'machine.kernel': '`2.6.12` … `2.6.29`',
  'machine.accessCosts': 'of `read`, `write`, `rmw`, `lock`, `trylock`, `unlock`, `none`: DURATION',
  'variant.machine': 'as above, every key optional',
  'variant.network': 'as above, every key optional',
  'hold.before': 'POINT',
  'hold.after': 'POINT',
  'expect.that': 'CONDITION or a list of them',
};

function kindIn(where: string, key: string, field: Schema): string {
  return otherKinds[`${where}.${key}`] ?? kindOf(field);
}

function meaning(where: string, key: string, field: Schema): string {
  return keyDocs[`${where}.${key}`] ?? (meaningOf(field) || undescribed);
}

function actionTable(group: Readonly<Record<string, ActionDefinition>>): string {
  const rows = Object.entries(group).map(([name, action]): Row => {
    const kind = kindOf(action.schema).replace(pace, ', PACE');
    const args = kind === '{}' ? '' : code(kind);
    return [code(name), args, action.summary];
  });
  return table(['action', 'arguments', 'does; returns'], rows);
}

function conditionTable(): string {
  const rows = Object.entries(shapeOf(conditionSchema)).map(([name, schema]): Row => {
    return [code(name), code(otherConditionKinds[name] ?? kindOf(schema)), meaning('condition', name, schema)];
  });
  return table(['condition', 'written', 'holds if'], rows);
}

/** The bounds are written out once, in the text. */
const otherConditionKinds: Readonly<Record<string, string>> = {
  violation: '{of?: KIND, message?: TEXT, count?: BOUNDS}',
  log: '{text: TEXT, count?: BOUNDS}',
  metric: '{name: METRIC, BOUNDS}',
  call: '{name: ACTION, ret?: VALUE, args?: {…}, count?: BOUNDS}',
  series:
    '{column: COLUMN, is?: [NUMBER or null …], near?: {values: [NUMBER …], percent: NUMBER}, any?: BOUNDS, every?: BOUNDS}',
  compare: '{column: COLUMN, with: COLUMN, differ?: BOOL = true}',
  fired: '[NAME …]',
  timer: '{name: NAME, cpu?: CPU, count?: BOUNDS}',
  all: '[CONDITION …]',
  any: '[CONDITION …]',
  not: 'CONDITION',
};

function point(): Schema {
  return shapeOf(shapeOf(holdSchema)['hold']!)['before']!;
}

/** The keys that may stand beside any action. */
function stepKeys(): string {
  const shape = shapeOf(stepSchema);
  const rows = Object.entries(shape).flatMap(([key, field]): Row[] => {
    return Object.hasOwn(actions, key) ? [] : [[code(key), kindOf(field), meaning('step', key, field)]];
  });
  return table(['key', 'value', 'meaning'], rows);
}

/** Every name that the model charges under. */
function costCentres(): readonly Row[] {
  const names = [
    ...new Set(sourceFiles().flatMap(({ text }) => [...text.matchAll(/\.cost\('(\w+)'\)/g)].map((m) => m[1]!))),
  ];
  return names.sort().map((name) => [code(name), costDocs[name] ?? undescribed]);
}

/** Every kind that the model reports. */
function violations(): readonly Row[] {
  const found = sourceFiles().flatMap(({ text }) => [...text.matchAll(/\bviolate\(\s*'([\w-]+)'/g)].map((m) => m[1]!));
  const kinds = new Set([...Object.keys(violationDocs), ...found]);
  return [...kinds].map((kind) => [code(kind), violationDocs[kind] ?? undescribed]);
}

const { network, actors, expect, variants } = scenarioSchema.shape;

export const vocabulary: Readonly<Record<string, Generator>> = {
  'scenario-keys': () => keys('scenario', scenarioSchema),
  'machine-keys': () => keys('machine', machineSchema),
  'network-keys': () => keys('network', network),
  'actor-keys': () => keys('actor', actors),
  'step-keys': stepKeys,
  'hold-keys': () => keys('hold', shapeOf(holdSchema)['hold']!),
  'point-keys': () => keys('point', point()),
  'expect-keys': () => keys('expect', expect),
  'variant-keys': () => keys('variant', variants),
  ...Object.fromEntries(Object.entries(groups).map(([name, group]) => [`actions-${name}`, () => actionTable(group)])),
  conditions: conditionTable,
  metrics: () =>
    table(
      ['metric', 'is'],
      Object.entries(metricDocs).map(([name, text]) => [code(name), text]),
    ),
  'cost-centres': () => table(['cost centre', 'charged'], costCentres()),
  violations: () => table(['kind', 'found when'], violations()),
  'gc-columns': () =>
    table(
      ['column', 'is'],
      gcColumnsShown.map((name) => [code(name), gcColumnDocs[name]]),
    ),
};
