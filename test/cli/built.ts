/** The built program: compiled when it is older than its sources, once however many test files ask for it at a time. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
/** What `jiffies` runs. */
export const program = join(root, 'dist/cli/main.js');

const lock = join(root, '.jiffies', 'build.lock');
const POLL_MS = 100;
const WAIT_MS = 120_000;

/** Compiles into `dist` if anything in `src` is newer. Call it in a `beforeAll` with time to spare. */
export function build(): void {
  mkdirSync(join(root, '.jiffies'), { recursive: true });
  const deadline = Date.now() + WAIT_MS;
  while (!taken()) {
    if (Date.now() > deadline) throw new Error(`another build did not end; if there is none, remove ${lock}`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
  try {
    if (isStale()) execFileSync('npm', ['run', 'build', '--silent'], { cwd: root, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`the build failed:\n${stdout ?? ''}${stderr ?? ''}`);
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** Takes the lock; one left behind by a killed run is taken over. */
function taken(): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const age = existsSync(lock) ? Date.now() - statSync(lock).mtimeMs : 0;
    if (age > WAIT_MS / 2) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function isStale(): boolean {
  if (!existsSync(program)) return true;
  const built = statSync(program).mtimeMs;
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).map((path) =>
    join('src', path),
  );
  return [...sources, 'package.json', 'tsconfig.json', 'tsconfig.build.json'].some((path) => {
    return statSync(join(root, path)).mtimeMs > built;
  });
}

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built program in the folder `cwd`. */
export function jiffiesIn(cwd: string, words: readonly string[], env: Readonly<Record<string, string>> = {}): Outcome {
  const { NO_COLOR: _, FORCE_COLOR: __, ...rest } = process.env;
  const options = { cwd, encoding: 'utf8', env: { ...rest, ...env }, maxBuffer: 1 << 28 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], options);
  return { status, stdout, stderr };
}
