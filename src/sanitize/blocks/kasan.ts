/**
 * KASAN's form (lib: mm/kasan/report.c, as of 6.x): a freed object touched, or freed again; who allocated it, who freed
 * it. Offsets and sizes of accesses are not modelled: the part of the object that was touched is named instead.
 */
import type { Kernel } from '../../kernel/kernel.js';
import { SlabObject } from '../../kernel/slab.js';
import type { Op } from '../../smp/op.js';
import type { SharedObject } from '../../smp/shared-object.js';
import type { Scene } from '../scene.js';
import { contextWords, cpuLines, functionOf, pointer, rule, stackLines, traceLines, who } from './frame.js';

/** Where an object was allocated and freed, as far as that was seen. */
export interface Life {
  allocated: Scene | null;
  freed: Scene | null;
}

function touched(home: SharedObject, op: Op): string {
  if (op.field !== '' && op.object === home) return `${home.name}.${op.field}`;
  return op.object?.name ?? home.name;
}

/** `op` null: it is freed a second time. */
export function kasanBlock(
  kernel: Kernel,
  object: SharedObject,
  op: Op | null,
  scene: Scene,
  life: Life,
): readonly string[] {
  const home = object.home ?? object;
  const at = op === null ? pointer(kernel, home) : pointer(kernel, op.object ?? home);
  const what = op === null ? 'double-free' : 'slab-use-after-free';
  const access = op?.access === 'read' ? 'Read' : 'Write';
  const said = op === null ? `Free of addr ${at}` : `${access} of ${touched(home, op)} at addr ${at}`;
  return [
    rule,
    `BUG: KASAN: ${what} in ${functionOf(scene)}`,
    `${said} by ${who(scene)}`,
    '',
    ...cpuLines(kernel, scene),
    ...traceLines(scene),
    '',
    ...lifeLines('Allocated', life.allocated),
    ...lifeLines('Freed', life.freed),
    `The buggy address belongs to the object ${home.name} at ${pointer(kernel, home)}`,
    ...(home instanceof SlabObject
      ? [` which belongs to the cache ${home.cache.name} of size ${home.cache.sizeBytes}`]
      : []),
    rule,
  ];
}

function lifeLines(what: string, scene: Scene | null): readonly string[] {
  if (scene === null) return [`${what} before the run was watched`, ''];
  if (scene.kind === 'none') return [`${what} while the run was set up`, ''];
  const head = `${what} by task ${scene.pid} (${scene.comm}) on cpu ${scene.cpu}: ${contextWords(scene)}, jiffies ${scene.jiffies}`;
  return [head, ...stackLines(scene), ''];
}

/** kmemleak's form (mm/kmemleak.c): allocated, never freed, and the run is over. */
export function leakBlock(kernel: Kernel, object: SlabObject, life: Life): readonly string[] {
  const { allocated } = life;
  const by =
    allocated === null || allocated.kind === 'none'
      ? ['  allocated while the run was set up']
      : [
          `  comm "${allocated.comm}", pid ${allocated.pid}, cpu ${allocated.cpu}, jiffies ${allocated.jiffies}`,
          '  backtrace:',
          ...stackLines(allocated).map((line) => `   ${line}`),
        ];
  return [`unreferenced object 0x${pointer(kernel, object)} (${object.name}, size ${object.cache.sizeBytes}):`, ...by];
}
