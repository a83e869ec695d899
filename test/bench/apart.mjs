/**
 * Runs one load in a process of its own, so that its time is not another's garbage and its peak of memory is its own:
 * `node apart.mjs LOAD ARGUMENT…` prints what it found as JSON; {@link apart} does that from outside.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const own = fileURLToPath(import.meta.url);

/**
 * What the load found, with `cpu` (seconds of processor time, garbage collection included) and `peakMb`.
 * @param {readonly (string | number)[]} call
 */
export function apart(...call) {
  const { stdout, status } = spawnSync(process.execPath, [own, ...call.map(String)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${call.join(' ')} ended with status ${status}`);
  return JSON.parse(stdout);
}

if (process.argv[1] === own) {
  const [name, ...args] = process.argv.slice(2);
  // One after the other: what a load does not need would be part of its peak.
  const explorer = await import('./explorer-loads.mjs');
  const loads = name in explorer.loads ? explorer.loads : (await import('./scale-loads.mjs')).loads;
  const before = process.cpuUsage();
  const found = loads[name](...args);
  const { user, system } = process.cpuUsage(before);
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ ...found, cpu: (user + system) / 1e6, peakMb }));
}
