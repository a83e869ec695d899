/**
 * KASAN's form (mm/kasan/report.c, as of 6.x): a freed object touched, or freed again; who allocated it, who freed it.
 *
 * Divergence from Linux: there is no machine code, so functions have no offsets and no sizes, and no memory is dumped.
 * Addresses are made up (address.ts). What was touched is said by name, in the line of the context.
 */
import type { Kernel } from '../../kernel/kernel.js';
import { SlabObject } from '../../kernel/slab.js';
import type { Op } from '../../smp/op.js';
import type { SharedObject } from '../../smp/shared-object.js';
import type { Scene } from '../scene.js';
import { offsetOf, pointer, pointerBehind, sizeOf } from './address.js';
import { cpuLines, functionOf, rule, sceneLine, stackLines, traceLines } from './frame.js';

/** Where an object was allocated and freed, as far as that was seen. */
export interface Life {
  allocated: Scene | null;
  freed: Scene | null;
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
  const part = op?.object ?? home;
  const field = op === null || op.field === '*' ? '' : op.field;
  const at = pointer(kernel, part, field);
  const access = op?.access === 'read' ? 'Read' : 'Write';
  const said = op === null ? `Free of addr ${at}` : `${access} of size ${sizeOf(kernel, part)} at addr ${at}`;
  const name = field === '' ? part.name : `${part.name}.${field}`;
  return [
    rule,
    `BUG: KASAN: ${op === null ? 'double-free' : 'slab-use-after-free'} in ${functionOf(scene)}`,
    `${said} by task ${scene.comm}/${scene.pid}`,
    '',
    ...cpuLines(kernel, scene, `${op === null ? 'freeing' : 'touching'} ${name}`),
    ...traceLines(scene),
    '',
    ...lifeLines('Allocated', life.allocated),
    ...lifeLines('Freed', life.freed),
    `The buggy address belongs to the object at ${pointer(kernel, home)}`,
    ...(home instanceof SlabObject ? regionLines(kernel, home, offsetOf(kernel, part, field)) : []),
    rule,
  ];
}

function regionLines(kernel: Kernel, home: SlabObject, offset: number): readonly string[] {
  const { name, sizeBytes } = home.cache;
  const region = `[${pointer(kernel, home)}, ${pointerBehind(kernel, home, sizeBytes)})`;
  return [
    ` which belongs to the cache ${name} of size ${sizeBytes}`,
    `The buggy address is located ${offset} bytes inside of`,
    ` freed ${sizeBytes}-byte region ${region}`,
  ];
}

function lifeLines(what: string, scene: Scene | null): readonly string[] {
  if (scene === null) return [`${what} before the run was watched`, ''];
  if (scene.kind === 'none') return [`${what} while the run was set up`, ''];
  return [`${what} by task ${scene.pid}:`, ...stackLines(scene), sceneLine(scene), ''];
}

/** kmemleak's form (mm/kmemleak.c): allocated, never freed, and the run is over. */
export function leakBlock(kernel: Kernel, object: SlabObject, life: Life): readonly string[] {
  const { allocated } = life;
  const { name, sizeBytes } = object.cache;
  const head = `unreferenced object 0x${pointer(kernel, object)} (size ${sizeBytes}):`;
  const what = `  [${object.name}, of the cache ${name}]`;
  if (allocated === null || allocated.kind === 'none') return [head, what, '  allocated while the run was set up'];
  const age = (kernel.distance(allocated.jiffies, kernel.jiffies()) / kernel.hz).toFixed(3);
  return [
    head,
    `  comm "${allocated.comm}", pid ${allocated.pid}, jiffies ${allocated.jiffies} (age ${age}s)`,
    what,
    '  backtrace:',
    ...stackLines(allocated).map((line) => `   ${line}`),
    ` ${sceneLine(allocated)}`,
  ];
}
