/**
 * Addresses and sizes, which the model does not have, for reports that tell them.
 *
 * An object is at its number times a page, so that no two overlap. Parts and fields of an object lie in it in the order in
 * which they were declared, a word each. An atomic_t has 4 bytes; every other cell, field or lock is a word, an
 * `unsigned long` or a pointer: 4 bytes on i386, 8 on x86_64. Real offsets are others.
 */
import { Atomic } from '../../kernel/atomic.js';
import type { Kernel } from '../../kernel/kernel.js';
import { formatPointer } from '../../kernel/messages.js';
import { SlabObject } from '../../kernel/slab.js';
import type { SharedObject } from '../../smp/shared-object.js';

const pageBytes = 4096;

function wordBytes(kernel: Kernel): number {
  return kernel.arch === 'i386' ? 4 : 8;
}

/** Bytes that an access to it touches. */
export function sizeOf(kernel: Kernel, object: SharedObject): number {
  return object instanceof Atomic ? 4 : wordBytes(kernel);
}

/** Where an object, or a field of it, lies in the object it is a part of. */
export function offsetOf(kernel: Kernel, object: SharedObject, field = ''): number {
  const home = object.home ?? object;
  const place = field === '' ? placeOfPart(home, object) : placeOfField(home, field);
  const offset = Math.max(0, place) * wordBytes(kernel);
  return home instanceof SlabObject ? offset % home.cache.sizeBytes : offset;
}

function placeOfPart(home: SharedObject, part: SharedObject): number {
  if (home === part) return 0;
  const named = Object.entries(home).find(([, value]) => value === part);
  return named === undefined ? part.id - home.id - 1 : placeOfField(home, named[0]);
}

/** Among the fields that the model gives it: what every slab object has comes before them. */
function placeOfField(home: SharedObject, field: string): number {
  const names = Object.keys(home);
  return names.indexOf(field) - names.indexOf('cache') - 1;
}

/** The address of an object, or of a field of it, as `%p` prints it. */
export function pointer(kernel: Kernel, object: SharedObject, field = ''): string {
  const home = object.home ?? object;
  return formatPointer(kernel.arch, home.id * pageBytes + offsetOf(kernel, object, field));
}

/** The address behind the last byte of an object of this size. */
export function pointerBehind(kernel: Kernel, object: SharedObject, bytes: number): string {
  return formatPointer(kernel.arch, object.id * pageBytes + bytes);
}
