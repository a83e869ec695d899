/**
 * Objects that refer to each other as JSON, and back: what a strategy knows in the middle of a search. Fields, arrays, maps,
 * sets and instances of the classes named here are kept, with who refers to whom; nothing else may occur.
 *
 * An operation of a run that is over is not kept: a footprint is asked for it while its run goes on, and only then.
 */
import { InputError, InternalError } from '../sim/errors.js';
import { DataAlternatives } from './data-alternatives.js';
import { DelayBounded } from './delay-bounded.js';
import { Footprint } from './dependence.js';
import { DepthFirst } from './depth-first.js';
import { ActorNumbers, Step } from './dpor-step.js';
import { Draw } from './draw.js';
import { OptimalDpor } from './optimal-dpor.js';
import { Pct } from './pct.js';
import { Portfolio } from './portfolio.js';
import { PartialOrderSampling } from './pos.js';
import { RandomWalk } from './random.js';
import { Replay } from './replay-strategy.js';
import { RoundRobin } from './round-robin.js';
import { SourceDpor } from './source-dpor.js';
import { UniformRandomWalk } from './urw.js';

const classes: Readonly<Record<string, { readonly prototype: object }>> = {
  ActorNumbers,
  DataAlternatives,
  DelayBounded,
  DepthFirst,
  Draw,
  Footprint,
  OptimalDpor,
  PartialOrderSampling,
  Pct,
  Portfolio,
  RandomWalk,
  Replay,
  RoundRobin,
  SourceDpor,
  Step,
  UniformRandomWalk,
};
const names = new Map(Object.entries(classes).map(([name, { prototype }]) => [prototype, name]));
const forgotten = 'op';

/** A value: itself, `[n]` for the n-th object, `[]` for undefined, `['NaN']` and its like for numbers JSON has not. */
export type Value = null | boolean | number | string | readonly [] | readonly [number] | readonly [string];

/** An object: `array`, `map`, `set`, `object` or a class, and its items, or keys and values by turns. */
export type GraphNode = readonly [kind: string, ...items: Value[]];

/** The objects that can be reached from `root`, itself first. */
export function graphOf(root: object): readonly GraphNode[] {
  const numbers = new Map<object, number>([[root, 0]]);
  const order: object[] = [root];
  const encode = (value: unknown): Value => {
    switch (typeof value) {
      case 'undefined':
        return [];
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0) ? value : [Object.is(value, -0) ? '-0' : String(value)];
      case 'boolean':
      case 'string':
        return value;
      case 'object': {
        if (value === null) return null;
        let number = numbers.get(value);
        if (number === undefined) {
          number = order.push(value) - 1;
          numbers.set(value, number);
        }
        return [number];
      }
      default:
        throw new InternalError(`a ${typeof value} in what a strategy knows`);
    }
  };
  const nodes: GraphNode[] = [];
  // The list grows while it is gone through: no recursion, as trees of plans are deep.
  for (const object of order) nodes.push(nodeOf(object, encode));
  return nodes;
}

function nodeOf(object: object, encode: (value: unknown) => Value): GraphNode {
  if (Array.isArray(object)) return ['array', ...object.map(encode)];
  if (object instanceof Map) return ['map', ...[...object].flat().map(encode)];
  if (object instanceof Set) return ['set', ...[...object].map(encode)];
  const prototype = Object.getPrototypeOf(object) as object;
  const kind = prototype === Object.prototype ? 'object' : names.get(prototype);
  if (kind === undefined) throw new InternalError(`a ${object.constructor.name} in what a strategy knows`);
  const items: Value[] = [];
  for (const [key, value] of Object.entries(object)) items.push(key, key === forgotten ? null : encode(value));
  return [kind, ...items];
}

/** Gives `root` what {@link graphOf} told of its like. Throws InputError for what is no graph of such an object. */
export function restoreGraph(root: object, nodes: readonly GraphNode[]): void {
  const kind = names.get(Object.getPrototypeOf(root) as object);
  if (nodes[0]?.[0] !== kind)
    throw new InputError(`it holds the state of a ${String(nodes[0]?.[0])}, not of a ${kind}`);
  const objects = nodes.map((node, at) => (at === 0 ? root : emptyOf(node[0])));
  const encode = (value: Value): unknown => {
    if (!Array.isArray(value)) return value;
    const [inner] = value as readonly [] | readonly [number] | readonly [string];
    if (typeof inner !== 'number') return inner === undefined ? undefined : Number(inner);
    const object = objects[inner];
    if (object === undefined) throw new InputError(`it refers to object ${inner} of ${objects.length}`);
    return object;
  };
  for (const [at, [, ...items]] of nodes.entries()) fill(objects[at]!, items.map(encode));
}

function emptyOf(kind: string): object {
  if (kind === 'array') return [];
  if (kind === 'map') return new Map();
  if (kind === 'set') return new Set();
  if (kind === 'object') return {};
  if (Object.hasOwn(classes, kind)) return Object.create(classes[kind]!.prototype) as object;
  throw new InputError(`it holds a ${kind}, which no strategy has`);
}

function fill(object: object, items: readonly unknown[]): void {
  if (Array.isArray(object)) object.push(...items);
  else if (object instanceof Set) for (const item of items) object.add(item);
  else if (object instanceof Map) for (let i = 0; i < items.length; i += 2) object.set(items[i], items[i + 1]);
  else for (let i = 0; i < items.length; i += 2) define(object, String(items[i]), items[i + 1]);
}

function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}
