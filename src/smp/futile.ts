/**
 * Loops that wait: a context that looks at the same few locations again and again, and finds what it found before, can do
 * nothing until one of them changes. In a stepwise run it is then no longer enabled, as if it spun on a lock: no search
 * wastes its steps on such a loop, none that is exhaustive gets lost in it, and all others go on first.
 *
 * It is taken for a loop after {@link patience} looks. Where nobody else can go on it goes on after all, so that straight
 * code with that many looks in a row comes to its end, and a loop without an end is told (the search's `endless-loop`).
 *
 * Divergence from Linux: none; these are the simulator's own terms.
 */
import type { Context } from './context.js';
import type { Op } from './op.js';
import type { SharedObject } from './shared-object.js';

/** Looks in a row that found nothing new. */
const patience = 50;
/** Locations that a loop may look at. */
const locationsMax = 8;

/** What a context has looked at since it last did anything else, and how often it found nothing new. */
export class Looks {
  private readonly objects: SharedObject[] = [];
  private readonly words: number[] = [];
  private repeats = 0;

  /** It has looked at an object. */
  add(object: SharedObject): void {
    const at = this.objects.indexOf(object);
    if (at >= 0 && this.words[at] === object.word) {
      this.repeats++;
      return;
    }
    this.repeats = 0;
    if (at >= 0) this.words[at] = object.word;
    else if (object.tellsWord && this.objects.length < locationsMax) {
      this.objects.push(object);
      this.words.push(object.word);
    } else this.clear();
  }

  /** It has done something else. */
  clear(): void {
    this.repeats = 0;
    this.objects.length = 0;
    this.words.length = 0;
  }

  /** Has it looked in vain long enough, and would again? */
  get futile(): boolean {
    if (this.repeats < patience) return false;
    for (let i = 0; i < this.objects.length; i++) if (this.objects[i]!.word !== this.words[i]) return false;
    return true;
  }
}

/** The context has performed its operation: notes whether it only looked. */
export function noteLook(context: Context, op: Op): void {
  const { object } = op;
  if (object !== null && op.effect === 'read') {
    context.looks ??= new Looks();
    context.looks.add(object);
  } else context.looks?.clear();
}
