/**
 * What a second worker is worth: the same search with one and with two, by the wall clock, as that is what workers are for.
 * The machine may not have two free cores: so what it gives two threads that wait for nothing is measured beside it, before
 * and after. V8 collects garbage in threads of its own, so one worker has something of the second core already, too.
 * `node test/bench/workers.mjs`, after a build.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { median } from './measure.mjs';

const program = new URL('../../dist/cli/main.js', import.meta.url).pathname;
const pairs = Number(process.argv[2] ?? 5);
const runs = Number(process.argv[3] ?? 300_000);
/** Of what the machine itself gives two threads over one, which is 2 where two cores are free. */
const wantedShare = 1.7 / 2;
const spins = 3e8;

const race = `export const wide = (p) => {
  const a = Array.from({ length: 11 }, (_, i) => p.atomic('a' + i));
  for (let j = 1; j <= 10; j++) p.task('w' + j, function* () {
    const t = yield a[j - 1].read;
    yield a[j].write(t + 1);
  });
};`;

const folder = mkdtempSync(join(tmpdir(), 'jiffies-bench-'));
writeFileSync(join(folder, 'race.mjs'), race);

function measured(workers) {
  const words = ['explore', './race.mjs', '--strategy', 'random', '--keep-going', '--json'];
  const startMs = performance.now();
  const { stdout } = spawnSync(
    process.execPath,
    [program, ...words, '--runs', String(runs), '--workers', String(workers)],
    { cwd: folder, encoding: 'utf8' },
  );
  return { ms: performance.now() - startMs, stdout };
}

function spin() {
  let x = 0;
  for (let i = 0; i < spins; i++) x = (x * 31 + i) | 0;
  return x;
}

/** How much more two threads do than one, when neither waits for anything. */
async function machineRatio() {
  const code = `const spins = ${spins}; (${spin})();`;
  const thread = () => new Promise((resolve) => new Worker(code, { eval: true }).on('exit', resolve));
  const startMs = performance.now();
  await thread();
  const oneMs = performance.now() - startMs;
  await Promise.all([thread(), thread()]);
  return (2 * oneMs) / (performance.now() - startMs - oneMs);
}

try {
  const shares = [];
  for (let pair = 0; pair < pairs; pair++) {
    const before = await machineRatio();
    const [one, two] = [measured(1), measured(2)];
    if (one.stdout !== two.stdout) throw new Error(`two workers say something else:\n${one.stdout}${two.stdout}`);
    const ratio = one.ms / two.ms;
    const given = (before + (await machineRatio())) / 2;
    shares.push(ratio / given);
    console.log(
      `${runs} runs: one worker ${(one.ms / 1000).toFixed(2)} s, two ${(two.ms / 1000).toFixed(2)} s: ${ratio.toFixed(2)} times, where the machine gives ${given.toFixed(2)}`,
    );
  }
  const share = median(shares);
  console.log(`median share ${share.toFixed(2)}, wanted ${wantedShare}: ${share >= wantedShare ? 'met' : 'missed'}`);
  process.exitCode = share >= wantedShare ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
