/** A library with canned answers, and a terminal that remembers: the commands without the simulator. */

import type { Cli, Engine } from '../../src/cli/command.js';
import type { Io } from '../../src/cli/io.js';
import { findCommit, parseRevision, revisionAt } from '../../src/history/revision.js';
import type { ReplayResult, RunReport, Scenario } from '../../src/scenario/index.js';
import { readYaml } from '../../src/scenario/read/yaml.js';
import { InputError } from '../../src/sim/errors.js';

export const fixingCommit = findCommit('backoff-fix');

/** What `loadScenario` of the fake makes of `title: …` and the like. */
export function fakeScenario(part: Partial<Scenario> = {}): Scenario {
  return {
    name: '2005-07-gc-backoff',
    file: 'scenarios/2005-07-gc-backoff.yaml',
    title: 'The back-off that never resets',
    story: 'First paragraph\nof two lines.\n\nSecond paragraph.',
    fixedBy: fixingCommit,
    introducedBy: null,
    related: [],
    assuming: [],
    variants: ['fast', 'slow'],
    machine: { hz: 250 } as Scenario['machine'],
    untilNs: 10_000_000_000,
    hasBug: true,
    ...part,
  } as Scenario;
}

export function fakeReport(part: Partial<RunReport> = {}, result: Partial<RunReport['result']> = {}): RunReport {
  return {
    result: {
      scenario: '2005-07-gc-backoff',
      revision: revisionAt(fixingCommit).name,
      kernel: '2.6.17',
      seed: 1,
      fingerprint: '0123456789abcdef',
      virtualNs: 2_500_000_000,
      jiffies: 4294892921,
      violations: [{ kind: 'bug', message: 'kernel BUG at include/linux/timer.h:83!', jiffies: 4294892300, cpu: 1 }],
      kernelLog: [{ jiffies: 4294892300, cpu: 1, level: 0, text: 'kernel BUG at include/linux/timer.h:83!' }],
      metrics: { 'softirq.ns': 12, emptyAfterNs: 250 },
      series: {
        gc: [gcRun(4294892400, 75469, 74109, 141, 150, 8092), gcRun(4294892550, 78725, 73366, 743, 400, 8542)],
      },
      calls: [{ jiffies: 4294892300, cpu: 0, call: 'mod_timer', args: { timer: 'a', delay: 25 }, ret: 1 }],
      timers: [{ jiffies: 4294892325, cpu: 0, timer: 'a' }],
      work: [{ jiffies: 4294892325, cpu: 0, work: 'w' }],
      destroyed: [{ jiffies: 4294892325, dst: 'd1' }],
      notes: ['the point x does not exist at this revision'],
      ...result,
    },
    bug: { reproduced: false, shownBy: 'empty after 25 s' },
    expectations: [
      { text: 'the list is empty', held: true, found: '', shownBy: 'x', place: 'a.yaml:3:5' },
      { text: 'at most 3 runs', held: false, found: '7 runs', shownBy: '7 runs', place: 'a.yaml:4:5' },
    ],
    unexpected: [{ kind: 'leak', message: 'one object leaked', jiffies: 4294892300, cpu: 0 }],
    violations: [
      {
        kind: 'bug',
        message: 'kernel BUG at include/linux/timer.h:83!',
        timeNs: 16_000_000,
        jiffies: 4294892300,
        cpu: 1,
        stack: ['dst_run_gc', 'add_timer'],
      },
    ],
    ok: false,
    ...part,
  };
}

function gcRun(
  jiffies: number,
  dstTotal: number,
  delayed: number,
  workPerformed: number,
  expires: number,
  elapsedUs: number,
): RunReport['result']['series']['gc'][number] {
  const nextExpiry = jiffies + expires;
  const common = { jiffies, dstTotal, delayed, workPerformed, destroyed: workPerformed };
  return {
    ...common,
    expires,
    nextExpiry,
    printedExpires: expires,
    elapsedUs,
    timerInc: 250,
    timerExpires: expires,
  };
}

export function fakeReplay(part: Partial<ReplayResult> = {}): ReplayResult {
  return {
    scenario: '2005-07-gc-backoff',
    title: 'The back-off that never resets',
    fixedBy: fixingCommit.id,
    before: { revision: parseRevision('backoff-fix^').name, reproduced: true, shownBy: '412 allocations failed' },
    after: { revision: revisionAt(fixingCommit).name, reproduced: false, shownBy: 'no allocation failed' },
    verdict: 'replayed',
    failed: { before: [], after: [] },
    kernel: '2.6.17',
    ...part,
  };
}

/** Any file of valid YAML with a title is a scenario to it. */
export function fakeEngine(part: Partial<Engine> = {}): Engine {
  return {
    loadScenario: (bytes, file) => {
      const { title } = readYaml(bytes, file).value as { title?: unknown };
      if (typeof title !== 'string') throw new InputError("missing 'title'", { place: { file, line: 1, column: 1 } });
      return fakeScenario({ name: file.replace(/^.*\//, '').replace(/\.ya?ml$/, ''), file, title });
    },
    runScenario: () => fakeReport({ ok: true, unexpected: [] }),
    replayScenario: (scenario) => fakeReplay({ scenario: scenario.name }),
    bisectScenario: (scenario) => ({
      scenario: scenario.name,
      commit: { id: fixingCommit.id, subject: fixingCommit.subject, date: fixingCommit.date },
      introducedBy: null,
      tested: ['R1', 'R2', 'R3', 'R4'].map((name, i) => ({ revision: parseRevision(name).name, reproduced: i < 2 })),
      kernel: '2.6.17',
    }),
    diffRevisions: (scenario, left, right) => ({
      scenario: scenario.name,
      left: { revision: left.name, fingerprint: '00000000000000aa' },
      right: { revision: right.name, fingerprint: '00000000000000bb' },
      same: false,
      at: 12,
      common: ['both'],
      leftEvents: ['only left'],
      rightEvents: ['only right'],
    }),
    checkDeterminism: () => null,
    scenarioJsonSchema: () => ({ title: 'a scenario' }),
    newScenarioText: (name) => `# ${name}\ntitle: new\n`,
    runConformance: (_text, file) => ({ file, cases: 3, passed: 3, failed: 0, unsupported: 0, firstMismatch: null }),
    ...part,
  };
}

/** A terminal that remembers what was written to it. */
export class FakeIo implements Io {
  stdout = '';
  stderr = '';
  readonly columns: number;
  readonly color: boolean;
  readonly progress: boolean;
  readonly cwd: string;
  readonly packageRoot: string;

  constructor(options: Partial<Io> = {}) {
    this.columns = options.columns ?? 100;
    this.color = options.color ?? false;
    this.progress = options.progress ?? false;
    this.cwd = options.cwd ?? '/nowhere';
    this.packageRoot = options.packageRoot ?? '/nowhere';
  }

  out(text: string): void {
    this.stdout += text;
  }

  err(text: string): void {
    this.stderr += text;
  }

  onInterrupt(): () => void {
    return () => undefined;
  }
}

export function fakeCli(io: Io, engine: Partial<Engine> = {}): Cli {
  return { io, engine: fakeEngine(engine), version: '9.8.7' };
}
