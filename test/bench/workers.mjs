/**
 * What a second worker is worth: the same search with one and with two, by the wall clock, as that is what workers are for.
 * On a machine that does something else, too, look at the best of the pairs. `node test/bench/workers.mjs`, after a build.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = new URL('../../dist/cli/main.js', import.meta.url).pathname;
const pairs = Number(process.argv[2] ?? 5);
const runs = Number(process.argv[3] ?? 150_000);
const wantedRatio = 1.7;

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

try {
  let best = 0;
  for (let pair = 0; pair < pairs; pair++) {
    const [one, two] = [measured(1), measured(2)];
    if (one.stdout !== two.stdout) throw new Error(`two workers say something else:\n${one.stdout}${two.stdout}`);
    const ratio = one.ms / two.ms;
    best = Math.max(best, ratio);
    console.log(
      `${runs} runs: one worker ${(one.ms / 1000).toFixed(2)} s, two ${(two.ms / 1000).toFixed(2)} s: ${ratio.toFixed(2)} times`,
    );
  }
  console.log(`best ${best.toFixed(2)}, wanted ${wantedRatio}: ${best >= wantedRatio ? 'met' : 'missed'}`);
  process.exitCode = best >= wantedRatio ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
