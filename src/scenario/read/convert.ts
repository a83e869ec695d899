/**
 * From YAML nodes to plain data, with a parallel tree of offsets. Aliases are followed here, so that their cost
 * (nodes, depth, cycles) is counted before anything walks the expanded data. An aliased value is one shared object.
 */
import { isAlias, isMap, isScalar, type ParsedNode, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { didYouMean, InputError } from '../../sim/errors.js';
import { clip } from './escape.js';
import type { Lines } from './lines.js';
import { DEPTH_MAX, refuseDepth } from './syntax.js';

/** Most values a file may stand for once its aliases are followed. */
export const NODES_MAX = 1_000_000;
/** Most aliases in a file. */
export const ALIASES_MAX = 10_000;

/** Where a value (and its key, if it is in a mapping) starts in the text, and the same for what is inside it. */
export interface Spot {
  readonly start: number;
  readonly key: number | undefined;
  readonly kids: ReadonlyMap<string, Spot> | readonly Spot[] | undefined;
}

interface Converted {
  readonly value: unknown;
  readonly spot: Spot;
  /** Values in this one, itself included, aliases followed. */
  readonly nodes: number;
  /** Levels of lists and mappings, 0 for a scalar. */
  readonly height: number;
}

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const FLOAT = 'tag:yaml.org,2002:float';
const TAGGED_TEXT: Readonly<Record<string, RegExp>> = {
  'tag:yaml.org,2002:int': /^([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$/,
  [FLOAT]: /^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/,
  'tag:yaml.org,2002:bool': /^(true|True|TRUE|false|False|FALSE)$/,
  'tag:yaml.org,2002:null': /^(~|null|Null|NULL)?$/,
};

/** The data under `root` and where each part of it stands. Throws InputError for what plain data cannot hold. */
export function convert(root: ParsedNode, lines: Lines): { readonly value: unknown; readonly spot: Spot } {
  return new Converter(lines).node(root, undefined, 0);
}

class Converter {
  readonly #lines: Lines;
  /** Anchors in the order of the file; `undefined` while the anchored value is still open. */
  readonly #anchors = new Map<string, Converted | undefined>();
  #aliases = 0;
  #nodes = 0;

  constructor(lines: Lines) {
    this.#lines = lines;
  }

  /** An empty value stands, for messages, where its key does. */
  node(node: ParsedNode, key: number | undefined, depth: number): Converted {
    const start = node.range[0] === node.range[1] ? (key ?? node.range[0]) : node.range[0];
    if (isAlias(node)) return this.#alias(node.source, start, key, depth);
    this.#count(1, start);
    const { anchor } = node;
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    let converted: Converted;
    if (isScalar(node))
      converted = { value: this.#scalar(node), spot: { start, key, kids: undefined }, nodes: 1, height: 0 };
    else {
      if (depth >= DEPTH_MAX) refuseDepth(this.#lines, start);
      converted = isMap(node)
        ? this.#map(node as YAMLMap.Parsed, start, key, depth + 1)
        : this.#list(node as YAMLSeq.Parsed, start, key, depth + 1);
    }
    if (anchor !== undefined) this.#anchors.set(anchor, converted);
    return converted;
  }

  #scalar(node: Scalar.Parsed): unknown {
    const pattern = node.tag === undefined ? undefined : TAGGED_TEXT[node.tag];
    if (pattern !== undefined && !pattern.test(node.source)) {
      this.#refuse(`'${clip(node.source, 40)}' does not fit its tag`, node.range[0]);
    }
    // The package knows `!!float` only before a number with a point or an exponent.
    return node.tag === FLOAT && typeof node.value === 'string' ? Number(node.source) : node.value;
  }

  #alias(name: string, start: number, key: number | undefined, depth: number): Converted {
    const shown = clip(name, 40);
    if (++this.#aliases > ALIASES_MAX) this.#refuse(`more than ${ALIASES_MAX} aliases`, start);
    const target = this.#anchors.get(name);
    if (target === undefined) {
      if (this.#anchors.has(name)) this.#refuse(`the alias *${shown} stands inside its own anchor &${shown}`, start);
      this.#refuse(`no anchor &${shown} before this alias${didYouMean(name, this.#anchors.keys())}`, start);
    }
    this.#count(target.nodes, start);
    if (depth + target.height > DEPTH_MAX) refuseDepth(this.#lines, start);
    return { ...target, spot: { start, key, kids: target.spot.kids } };
  }

  #list(node: YAMLSeq.Parsed, start: number, key: number | undefined, depth: number): Converted {
    const value: unknown[] = [];
    const kids: Spot[] = [];
    let nodes = 1;
    let height = 0;
    for (const item of node.items as ParsedNode[]) {
      const child = this.node(item, undefined, depth);
      value.push(child.value);
      kids.push(child.spot);
      nodes += child.nodes;
      height = Math.max(height, child.height);
    }
    return { value, spot: { start, key, kids }, nodes, height: height + 1 };
  }

  #map(node: YAMLMap.Parsed, start: number, key: number | undefined, depth: number): Converted {
    const value: Record<string, unknown> = Object.create(null);
    const kids = new Map<string, Spot>();
    let nodes = 1;
    let height = 0;
    for (const pair of node.items) {
      const name = this.#key(pair.key, kids);
      const at = pair.key.range[0];
      const child: Converted =
        pair.value === null
          ? { value: null, spot: { start: at, key: at, kids: undefined }, nodes: 1, height: 0 }
          : this.node(pair.value, at, depth);
      value[name] = child.value;
      kids.set(name, child.spot);
      nodes += child.nodes;
      height = Math.max(height, child.height);
    }
    return { value, spot: { start, key, kids }, nodes, height: height + 1 };
  }

  #key(node: ParsedNode, seen: ReadonlyMap<string, Spot>): string {
    const at = node.range[0];
    if (!isScalar(node)) {
      const kind = isAlias(node) ? 'an alias' : isMap(node) ? 'a mapping' : 'a list';
      this.#refuse(`expected a name as key, found ${kind}`, at);
    }
    const name = node.value;
    if (typeof name !== 'string') {
      const shown = clip(node.source, 40);
      const hint = shown === '' ? 'nothing' : `${shown} (put it in quotes if it is a name)`;
      this.#refuse(`expected a name as key, found ${hint}`, at);
    }
    if (name === '<<') this.#refuse('the merge key << is not taken; write the keys out', at);
    if (FORBIDDEN_KEYS.has(name)) this.#refuse(`the key '${name}' is not allowed`, at);
    const before = seen.get(name);
    if (before !== undefined) {
      const { line, column } = this.#lines.placeAt(before.key ?? before.start);
      this.#refuse(`the key '${clip(name, 40)}' stands here twice; the first is at ${line}:${column}`, at);
    }
    if (node.anchor !== undefined) {
      const spot = { start: at, key: undefined, kids: undefined };
      this.#anchors.set(node.anchor, { value: name, spot, nodes: 1, height: 0 });
    }
    return name;
  }

  #count(nodes: number, offset: number): void {
    this.#nodes += nodes;
    if (this.#nodes > NODES_MAX) {
      this.#refuse(`the file stands for more than ${NODES_MAX} values once its aliases are followed`, offset);
    }
  }

  #refuse(message: string, offset: number): never {
    throw new InputError(message, { place: this.#lines.placeAt(offset) });
  }
}
