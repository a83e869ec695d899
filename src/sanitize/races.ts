/**
 * Data races: two accesses to one location, at least one of them a write and at least one of them plain, of which
 * neither is before the other.
 *
 * After C. Flanagan and S. N. Freund, "FastTrack: Efficient and Precise Dynamic Race Detection" (PLDI 2009): an access is
 * remembered as an epoch of its strand, and a plain write that is after all others makes them forgotten. Deviation: a
 * location keeps a short list of epochs, one for each strand and kind of access, instead of one write and a read map, for
 * marked accesses race with plain ones though not with each other.
 *
 * What is a location: a cell, or a field of an object. A race is found where the second access happens; with both sides
 * remembered, it is told from there.
 */
import type { Context } from '../smp/context.js';
import type { SharedObject } from '../smp/shared-object.js';
import type { Clocks } from './clocks.js';
import { type Scene, sceneOf } from './scene.js';

/** Kinds of accesses, as bits. */
const write = 1;
const marked = 2;

/** One side of a race. */
export class Access {
  strand = 0;
  epoch = 0;
  kind = 0;
  /** A read-modify-write. */
  rmw = false;
  /** The innermost modelled function, or the context's own name. */
  fn = '';
  /** Where it was; null unless the run is told. */
  scene: Scene | null = null;

  get writes(): boolean {
    return (this.kind & write) !== 0;
  }

  get isMarked(): boolean {
    return (this.kind & marked) !== 0;
  }

  /** As KCSAN says it: `read`, `write (marked)`, `read-write (marked)`. */
  get words(): string {
    const what = this.rmw ? 'read-write' : this.writes ? 'write' : 'read';
    return this.isMarked ? `${what} (marked)` : what;
  }
}

export interface Race {
  readonly object: SharedObject;
  /** '' for a cell. */
  readonly field: string;
  readonly first: Access;
  readonly second: Access;
}

class Location {
  /** The run that it was last used in: it is kept for others. */
  run = 0;
  readonly accesses: Access[] = [];
  count = 0;
  /** Pairs of accesses reported: the name of the place, functions and kinds. */
  readonly reported: { name: string; a: string; b: string; kinds: number }[] = [];
}

export class DataRaces {
  private readonly clocks: Clocks;
  private readonly found: (race: Race) => void;
  private readonly cells: (Location | undefined)[] = [];
  private readonly fields = new Map<SharedObject, Map<string, Location>>();
  /** Where each access was is remembered. */
  private telling = false;
  private run = 0;
  private readonly once: boolean;

  /** `once`: what was told in one run is not told again in those after it. */
  constructor(clocks: Clocks, once: boolean, found: (race: Race) => void) {
    this.clocks = clocks;
    this.once = once;
    this.found = found;
  }

  reset(telling: boolean): void {
    this.telling = telling;
    this.run++;
    if (this.fields.size > 0) this.fields.clear();
  }

  /** An access to a location by a context of this strand. */
  access(
    context: Context,
    strand: number,
    object: SharedObject,
    field: string,
    writes: boolean,
    isMarked: boolean,
    rmw: boolean,
  ): void {
    const location = field === '' ? this.cell(object) : this.field(object, field);
    const kind = (writes ? write : 0) | (isMarked ? marked : 0);
    const { seen } = this.clocks.strands[strand]!;
    const epoch = seen[strand]!;
    const { accesses } = location;
    let own: Access | null = null;
    let before = true;
    for (let i = 0; i < location.count; i++) {
      const other = accesses[i]!;
      if (other.strand === strand) {
        if (other.kind === kind) own = other;
        continue;
      }
      if (other.epoch <= seen[other.strand]!) continue;
      before = false;
      if (((other.kind | kind) & write) === 0 || (other.kind & kind & marked) !== 0) continue;
      if (this.isNew(location, object, other, context.function, kind)) {
        const second = this.remember(new Access(), context, strand, epoch, kind, rmw);
        this.found({ object, field, first: other, second });
      }
    }
    if (before && kind === write) {
      // What races with any of those before it races with it, too.
      location.count = 0;
      own = null;
    }
    if (own === null) {
      own = accesses[location.count] ?? null;
      if (own === null) {
        own = new Access();
        accesses.push(own);
      }
      location.count++;
    }
    this.remember(own, context, strand, epoch, kind, rmw);
  }

  private remember(to: Access, context: Context, strand: number, epoch: number, kind: number, rmw: boolean): Access {
    to.strand = strand;
    to.epoch = epoch;
    to.kind = kind;
    to.rmw = rmw;
    to.fn = context.function;
    to.scene = this.telling ? sceneOf(context) : null;
    return to;
  }

  /** Each pair of functions and kinds of access is told once. */
  private isNew(location: Location, object: SharedObject, first: Access, b: string, kind: number): boolean {
    const a = first.fn;
    const { name } = object;
    const kinds = first.kind * 4 + kind;
    for (const one of location.reported) {
      if (one.kinds === kinds && one.a === a && one.b === b && one.name === name) return false;
    }
    location.reported.push({ name, a, b, kinds });
    return true;
  }

  private cell(object: SharedObject): Location {
    const { id } = object;
    let location = this.cells[id];
    if (location?.run === this.run) return location;
    if (location === undefined) {
      location = new Location();
      while (this.cells.length < id) this.cells.push(undefined);
      this.cells[id] = location;
    }
    location.run = this.run;
    location.count = 0;
    if (!this.once) location.reported.length = 0;
    return location;
  }

  private field(object: SharedObject, field: string): Location {
    let fields = this.fields.get(object);
    if (fields === undefined) {
      fields = new Map();
      this.fields.set(object, fields);
    }
    let location = fields.get(field);
    if (location === undefined) {
      location = new Location();
      fields.set(field, location);
    }
    return location;
  }
}
