import { describe, expect, it } from 'vitest';
import { BUG, WARN } from '../../src/kernel/bug.js';
import { kernelFunction } from '../../src/kernel/function.js';
import { NotifierChain } from '../../src/kernel/notifier.js';
import { printk } from '../../src/kernel/printk.js';
import {
  kmem_cache_alloc,
  kmem_cache_free,
  read_field,
  SlabCache,
  SlabObject,
  write_field,
} from '../../src/kernel/slab.js';
import { SpinLock, spin_lock_bh } from '../../src/kernel/spinlock.js';
import { mod_timer, Timer } from '../../src/kernel/timer.js';
import { busy } from '../../src/smp/basic-ops.js';
import { Cell } from '../../src/smp/cell.js';
import type { K } from '../../src/smp/op.js';
import { boot, kinds, logTexts, note, pass, performs, start } from './boot.js';

const where = { file: 'net/core/dst.c', line: 42, exact: true };

describe('BUG', () => {
  it('in a task kills it, with its functions innermost first', () => {
    const kernel = boot({ kernel: '2.6.24' });
    const inner = kernelFunction('dst_run_gc', function* (k: typeof kernel): K {
      yield busy(0);
      BUG(k, where);
    });
    const outer = kernelFunction('dst_dev_event', (k: typeof kernel) => inner(k));
    let after = false;
    const task = start(kernel, 0, function* () {
      yield* outer(kernel);
      after = true;
    });
    expect([task.state, after, kernel.machine.halted]).toEqual(['dead', false, null]);
    expect(logTexts(kernel)).toEqual([
      '------------[ cut here ]------------',
      'kernel BUG at net/core/dst.c:42!',
      'invalid opcode: 0000 [#1]',
      ' [<dst_run_gc>]',
      ' [<dst_dev_event>]',
      '---[ end trace 0000000000000001 ]---',
    ]);
    expect(kernel.machine.violations).toMatchObject([
      { kind: 'bug', message: 'kernel BUG at net/core/dst.c:42!', stack: ['task0', 'dst_dev_event', 'dst_run_gc'] },
    ]);
    // The CPU goes on.
    let alive = false;
    start(kernel, 0, () =>
      performs(
        note(() => {
          alive = true;
        }),
      ),
    );
    expect(alive).toBe(true);
  });

  it('with bottom halves off is in_interrupt() and panics', () => {
    const kernel = boot();
    const lock = new SpinLock(kernel, 'lock');
    start(kernel, 0, function* () {
      yield spin_lock_bh(lock);
      BUG(kernel, where);
    });
    expect(kernel.machine.halted).toBe('Kernel panic - not syncing: Fatal exception in interrupt');
  });

  it('in an interrupt ends the machine: nothing happens any more', () => {
    const kernel = boot();
    let later = false;
    const bad = new Timer(kernel, 'bad', () => BUG(kernel, where));
    const good = new Timer(kernel, 'good', () => {
      later = true;
    });
    start(kernel, 0, () => performs(mod_timer(bad, 1002), mod_timer(good, 1002)));
    pass(kernel, 100);
    expect([later, kernel.jiffies()]).toEqual([false, 1002]);
  });

  it('that continues only prints', () => {
    const kernel = boot({ onBug: 'continue', arch: 'x86_64', kernel: '2.6.18' });
    let after = false;
    start(kernel, 0, function* () {
      BUG(kernel, where);
      after = true;
    });
    expect([after, kernel.dieCount, kinds(kernel)]).toEqual([true, 0, ['bug']]);
    expect(logTexts(kernel).at(-1)).toBe('Kernel BUG at net/core/dst.c:42');
  });

  it('is not what an error of ours becomes', () => {
    const kernel = boot();
    expect(() =>
      start(kernel, 0, function* () {
        throw new TypeError('ours');
      }),
    ).toThrow('ours');
  });
});

describe('WARN', () => {
  it.each([
    ['2.6.12', ['Badness in dst_release at net/core/dst.c:42']],
    ['2.6.24', ['WARNING: at net/core/dst.c:42 dst_release()']],
    ['2.6.25', ['WARNING: at net/core/dst.c:42 dst_release()', '---[ end trace 0000000000000001 ]---']],
    [
      '2.6.28',
      [
        '------------[ cut here ]------------',
        'WARNING: at net/core/dst.c:42 dst_release()',
        '---[ end trace 0000000000000001 ]---',
      ],
    ],
  ])('%s', (version, lines) => {
    const kernel = boot({ kernel: version });
    start(kernel, 0, function* () {
      WARN(kernel, 'dst_release', where);
    });
    expect(logTexts(kernel)).toEqual(lines);
    expect(kinds(kernel)).toEqual(['warning']);
  });
});

describe('printk', () => {
  it('keeps time, CPU and level', () => {
    const kernel = boot();
    pass(kernel, 3);
    start(kernel, 1, () =>
      performs(
        busy(1000),
        note(() => printk(kernel, 4, 'hello')),
      ),
    );
    pass(kernel, 1);
    expect(kernel.log.entries).toEqual([{ jiffies: 1003, timeNs: 12_001_000, cpu: 1, level: 4, text: 'hello' }]);
  });

  it('lets ten messages through, then one each five seconds, and tells how many were lost', () => {
    const kernel = boot({ hz: 100 });
    const passed: number[] = [];
    for (let second = 0; second < 30; second++) {
      for (let i = 0; i < 4; i++) if (kernel.log.net_ratelimit()) passed.push(second);
      pass(kernel, 100);
    }
    // Ten at once (the bucket does not fill beyond), and every 5 s one more.
    expect(passed).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 5, 10, 15, 20, 25]);
    expect(logTexts(kernel)).toEqual([
      'printk: 10 messages suppressed.',
      ...Array.from({ length: 4 }, () => 'printk: 19 messages suppressed.'),
    ]);
  });

  it('can be told to let everything through', () => {
    const kernel = boot({ ratelimit: 'always' });
    for (let i = 0; i < 100; i++) expect(kernel.log.net_ratelimit()).toBe(true);
    expect(logTexts(kernel)).toEqual([]);
  });

  it('fills its bucket modulo 2^32', () => {
    // The first call adds all jiffies since 0; just before the wrap that is almost nothing.
    const kernel = boot({ hz: 100, initialJiffies: 2 ** 32 - 5000 });
    let passed = 0;
    while (kernel.log.net_ratelimit()) passed++;
    expect(passed).toBe(0);
  });
});

class Thing extends SlabObject {
  value = 1;
  readonly cell: Cell;
  constructor(cache: SlabCache, label: string) {
    super(cache, label);
    this.cell = new Cell(this.machine, 'count', 0, this);
  }
}

describe('slab', () => {
  function things(version = '2.6.24') {
    const kernel = boot({ kernel: version });
    return { kernel, cache: new SlabCache(kernel, 'thing_cache', 64) };
  }

  it('counts, and lists what leaked with who allocated it', () => {
    const { kernel, cache } = things();
    cache.marks = true;
    pass(kernel, 2);
    start(kernel, 1, function* () {
      yield kmem_cache_alloc(cache, () => new Thing(cache, 'a'));
      const b: Thing = yield kmem_cache_alloc(cache, () => new Thing(cache, 'b'));
      yield kmem_cache_alloc(cache, () => new Thing(cache, 'c'));
      yield kmem_cache_free(b);
    });
    expect([cache.live, cache.allocations]).toEqual([2, 3]);
    expect(cache.leaks().map((object) => [object.name, object.allocated])).toEqual([
      ['a', { context: 'task1', cpu: 1, jiffies: 1002, stack: [] }],
      ['c', { context: 'task1', cpu: 1, jiffies: 1002, stack: [] }],
    ]);
  });

  it.each([
    ['2.6.18', ['Slab corruption: start=00000001, len=64']],
    ['2.6.24', ['='.repeat(77), 'BUG thing_cache: Poison overwritten', '-'.repeat(77)]],
  ])('%s: use after free, of a field and of a part, printed once per object', (version, lines) => {
    const { kernel, cache } = things(version);
    start(kernel, 0, function* () {
      const a: Thing = yield kmem_cache_alloc(cache, () => new Thing(cache, 'a'));
      yield write_field(a, 'value', 7);
      expect(yield read_field(a, 'value')).toBe(7);
      yield kmem_cache_free(a);
      yield read_field(a, 'value');
      yield write_field(a, 'value', 8);
      yield a.cell.read;
    });
    expect(kernel.machine.violations.map(({ kind, message }) => [kind, message])).toEqual([
      ['use-after-free', 'read of a.value in task0: a (thing_cache) is already freed'],
      ['use-after-free', 'write of a.value in task0: a (thing_cache) is already freed'],
      ['use-after-free', 'read of a.count in task0: a (thing_cache) is already freed'],
    ]);
    expect(logTexts(kernel)).toEqual(lines);
  });

  it('finds double frees', () => {
    const { kernel, cache } = things('2.6.18');
    start(kernel, 0, function* () {
      const a: Thing = yield kmem_cache_alloc(cache, () => new Thing(cache, 'a'));
      yield kmem_cache_free(a);
      yield kmem_cache_free(a);
    });
    expect(kinds(kernel)).toEqual(['double-free']);
    expect(logTexts(kernel)).toEqual([
      "slab error in verify_redzone_free(): cache `thing_cache': double free detected",
    ]);
    expect(cache.live).toBe(0);
  });
});

describe('notifier chains', () => {
  it('call by priority, then in order of registration', () => {
    const kernel = boot();
    const chain = new NotifierChain<string>(kernel);
    const calls: string[] = [];
    const add = (name: string, priority: number) => {
      const block = {
        name,
        priority,
        call: (event: string, subject: string) => {
          calls.push(`${name} ${event} ${subject} ${kernel.context.function}`);
        },
      };
      chain.register(block);
      return block;
    };
    add('dst', 0);
    add('late', -10);
    add('devinet', 0);
    const first = add('first', 5);
    start(kernel, 0, () => chain.call('DOWN', 'eth0'));
    expect(calls).toEqual([
      'first DOWN eth0 first',
      'dst DOWN eth0 dst',
      'devinet DOWN eth0 devinet',
      'late DOWN eth0 late',
    ]);
    chain.unregister(first);
    chain.unregister(first);
    expect(chain.blocks.map((block) => block.name)).toEqual(['dst', 'devinet', 'late']);
  });
});
