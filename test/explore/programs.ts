/** The programs of the exact tables, by name. */

import type { Program, ProgramSetup } from '../../src/explore/program.js';
import { atomic_inc, cmpxchg } from '../../src/kernel/atomic.js';
import { type SpinLock, spin_lock, spin_unlock } from '../../src/kernel/spinlock.js';
import type { Cell } from '../../src/smp/cell.js';
import type { K, Op } from '../../src/smp/op.js';

/** A task from a text such as `Wx1 Ry`: W writes, R reads, A adds one, C24 compares with 2 and stores 4. */
function straight(cells: Record<string, Cell>, text: string): () => K {
  return function* (): K {
    for (const word of text.split(' ')) {
      const cell = cells[word[1]!]!;
      const value = Number(word.slice(2) || 1);
      yield word[0] === 'W' ? cell.write(value) : word[0] === 'R' ? cell.read : atomic_inc(cell);
    }
  };
}

/** Tasks separated by |. */
export const litmus =
  (text: string): Program =>
  (p) => {
    const cells: Record<string, Cell> = {};
    for (const name of new Set([...text.matchAll(/[WRA]([a-z])/g)].map((match) => match[1]!))) {
      cells[name] = p.cell(name);
    }
    for (const [i, code] of text.split(' | ').entries()) p.task(`t${i}`, straight(cells, code));
  };

export const sb = litmus('Wx Ry | Wy Rx');
export const mp = litmus('Wx Wy | Ry Rx');
export const lb = litmus('Rx Wy | Ry Wx');
export const twoTwoW = litmus('Wx1 Wy2 | Wy1 Wx2');
export const lb3 = litmus('Ra Wb | Rb Wc | Rc Wa');
export const iriw = litmus('Wx | Rx Ry | Ry Rx | Wy');
export const corr = litmus('Wx1 Wx2 | Rx Rx');
export const loom392 = litmus('Ra Wa | Ra');
export const loom166 = litmus('Wk1 Wv1 Wv0 Wk0 | Rv Rk');
export const loom166Load = litmus('Wk1 Wv1 Wv0 Rk Wk0 | Rv Rk');

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const same = (count: number, code: string): string => times(count, () => code).join(' | ');

export const ainc = (n: number): Program => litmus(same(n, 'Ax'));
export const readers = (n: number): Program => litmus(`Wx42 | ${same(n, 'Rx')}`);
export const writersReader = (n: number): Program => litmus(`${same(n, 'Wx')} | Rx`);
export const privateWrites = (n: number, k: number): Program =>
  litmus(times(n, (i) => times(k, (j) => `W${String.fromCharCode(97 + i)}${j}`).join(' ')).join(' | '));
export const sharedWrites = (n: number, k: number): Program =>
  litmus(times(n, () => times(k, (j) => `Wx${j}`).join(' ')).join(' | '));

export const wcas =
  (n: number): Program =>
  (p) => {
    const x = p.cell('x');
    p.task('w', function* () {
      yield x.write(2);
    });
    for (let i = 0; i < n; i++) {
      p.task(`c${i}`, function* () {
        yield cmpxchg(x, 2, 3);
      });
    }
  };

export const lockinc =
  (n: number, locks = 1): Program =>
  (p) => {
    const held = times(locks, (i) => p.lock(`lock${i}`));
    const x = p.cell('x');
    for (let i = 0; i < n; i++) {
      p.task(`t${i}`, function* () {
        for (const lock of held) yield spin_lock(lock);
        yield atomic_inc(x);
        for (const lock of held.toReversed()) yield spin_unlock(lock);
      });
    }
    p.finally(() => p.check(x.value === n, 'an increment was lost'));
  };

export const philosophers =
  (n: number): Program =>
  (p) => {
    const forks = times(n, (i) => p.lock(`f${i}`));
    for (let i = 0; i < n; i++) p.task(`p${i}`, () => eat(forks[i]!, forks[(i + 1) % n]!));
  };

function* eat(left: SpinLock, right: SpinLock): K {
  yield spin_lock(left);
  yield spin_lock(right);
  yield spin_unlock(right);
  yield spin_unlock(left);
}

export const lastzero =
  (n: number): Program =>
  (p) => {
    const a = times(n + 1, (i) => p.cell(`a${i}`));
    p.task('reader', function* () {
      let i = n;
      while (((yield a[i]!.read) as number) !== 0) i--;
    });
    for (let j = 1; j <= n; j++) {
      p.task(`w${j}`, function* () {
        const t = (yield a[j - 1]!.read) as number;
        yield a[j]!.write(t + 1);
      });
    }
  };

export const indexer =
  (n: number): Program =>
  (p) => {
    const table = times(128, (i) => p.cell(`h${i}`));
    for (let t = 0; t < n; t++) {
      p.task(`t${t}`, function* () {
        for (let i = 0; i < 4; i++) {
          // Values start at 1 here, as 0 is the empty slot; places are those of i * 11 + t.
          const w = i * 11 + t;
          let h = (w * 7) % 128;
          while (((yield cmpxchg(table[h]!, 0, w + 1)) as number) !== 0) h = (h + 1) % 128;
        }
      });
    }
  };

export const popl: Program = (p) => {
  const [x, y, z] = [p.cell('x'), p.cell('y'), p.cell('z')];
  const one = (op: () => Op) =>
    function* (): K {
      yield op();
    };
  p.task(
    'p',
    one(() => x.write(1)),
  );
  p.task(
    'q',
    one(() => y.write(1)),
  );
  p.task('r', function* () {
    if (((yield y.read) as number) === 0) yield z.write(1);
  });
  p.task('s', function* () {
    if (((yield z.read) as number) !== 1) return;
    if (((yield y.read) as number) === 0) yield x.write(2);
  });
};

export const lostUpdate: Program = (p) => {
  const n = p.cell('n');
  const bump = function* () {
    const v: number = yield n.read;
    yield n.write(v + 1);
  };
  p.task('a', bump);
  p.task('b', bump);
  p.finally(() => p.check(n.value === 2, 'an update was lost'));
};

/** The bug needs one store to come after 25 others. */
export const oneAgainst25: Program = (p: ProgramSetup) => {
  const x = p.cell('x');
  const y = p.cell('y');
  let done = 0;
  p.task('one', function* () {
    yield x.write(1);
    p.check(done < 25, 'the single store came last');
  });
  p.task('many', function* () {
    for (let i = 0; i < 25; i++) {
      yield y.write(i);
      done++;
    }
  });
};
