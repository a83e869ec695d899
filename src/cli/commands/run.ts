/** `jiffies run`: one scenario at one revision, with all it shows. */
import type { Revision } from '../../history/revision.js';
import type { RunOptions, RunReport, Scenario } from '../../scenario/index.js';
import { clip, escapeControl } from '../../scenario/read/escape.js';
import { InputError, NondeterminismError } from '../../sim/errors.js';
import { formatEvent, textLegend } from '../../trace/text.js';
import type { Cli, Command, ExitStatus } from '../command.js';
import { noVariant } from '../explorable.js';
import { openFix } from '../fix.js';
import { printJson } from '../format/json.js';
import { at, json, kernel, maxOps, maxVirtual, plainText, seed, withFix } from '../options.js';
import { isProgramFile } from '../program-file.js';
import { openScenario } from '../scenarios.js';
import { runUnderSchedule } from '../schedule.js';
import { schemaNames } from '../schema-names.js';
import { figuresPage, runPage } from '../views/run.js';

interface Arguments {
  readonly file: string;
  readonly series?: readonly string[];
  readonly at?: Revision;
  readonly kernel?: string;
  readonly seed?: number;
  readonly variant?: string;
  readonly trace?: boolean;
  readonly metrics?: boolean;
  readonly plot?: boolean;
  readonly with?: string;
  readonly json?: boolean;
  readonly 'check-determinism'?: boolean;
  readonly schedule?: string;
  readonly 'max-ops'?: number;
  readonly 'max-virtual'?: number;
}

/** What completion offers after --plot. */
const seriesWords: readonly string[] = [
  'entries',
  'garbage',
  'timer_expires',
  'failures',
  'gc',
  'delayed',
  'expires',
  'elapsed',
  'routes',
];

/** As many as a wide terminal has dots beside each other. */
const PLOT_SAMPLES = 400;

/** Characters of a trace written at a time. */
const BATCH_CHARACTERS = 65_536;

export const run: Command<Arguments> = {
  name: 'run',
  describe: 'Run one scenario at one revision and show what happened',
  positionals: [
    { name: 'file', describe: 'Name of a scenario, or a path', required: true, value: 'scenario' },
    {
      name: 'series',
      describe: 'With --plot: what to draw, such as gc.delayed or timer_expires (default: the usual)',
      required: false,
      many: true,
      needs: 'plot',
      value: seriesWords,
    },
  ],
  options: {
    at,
    kernel,
    seed,
    variant: { type: 'string', describe: "One of the scenario's variants", value: 'none', coerce: plainText },
    trace: { type: 'boolean', describe: 'Print every event, one a line, before the report' },
    metrics: { type: 'boolean', describe: 'Print all metrics with their meaning, instead of the report' },
    plot: { type: 'boolean', describe: 'Draw series over virtual time, instead of the report' },
    with: withFix,
    json,
    'check-determinism': { type: 'boolean', describe: 'Run twice and report the first event that differs' },
    schedule: {
      type: 'string',
      describe: 'Make a run of explore again: its token; without --at at the revision and kernel of the token',
      value: 'none',
      coerce: plainText,
    },
    'max-ops': maxOps,
    'max-virtual': maxVirtual,
  },
  examples: [
    ['run 2007-10-gc-trace', "The kernel's own table, out of the simulator"],
    ['run 2005-07-gc-backoff --at backoff-fix^', 'Just before the fix'],
    ['run 2007-10-gc-trace --metrics', 'Its figures, each with its meaning'],
    ['run 2005-07-gc-backoff --plot delayed timer_expires', 'Garbage and the back-off over time'],
    ['run 2008-09-delayed-work-not-rescheduled --at R24 --with ./my-fix.mjs', 'With a fix of your own'],
    ['run scenarios/mine.yaml --kernel 2.6.24 --seed 7 --trace', 'Each step of a file of your own'],
  ],
  epilogue:
    "Without --at: the scenario's own revision, else its fixing commit, else the newest.\nExit status 0 if every expectation that applies holds and nothing unexpected happened, 1 if not, 3 at a limit, 4 if two runs differed.\nA run --with a fix of your own is made twice, and no expectation of the file is held against it.",
  run: async (args, cli) => {
    if (args.trace === true && args.json === true) throw new InputError('--trace and --json cannot be combined');
    if (args.schedule !== undefined) return runUnderSchedule({ ...args, schedule: args.schedule }, cli);
    if (isProgramFile(args.file))
      throw new InputError(`${args.file} is a program: explore it, or run it with --schedule`);
    const scenario = openScenario(args.file, cli);
    const options = { ...optionsFor(args, scenario), ...(await fixFor(args, cli)), ...samplesFor(args, scenario) };
    const traced = args.trace === true;
    const report = traced ? runTraced(scenario, options, cli) : cli.engine.runScenario(scenario, options);
    if (args['check-determinism'] === true) checkTwice(scenario, options, cli);
    if (args.json === true) printJson(cli.io, schemaNames.run, report.result);
    else if (args.metrics === true || args.plot === true) cli.io.out(figuresPage(report, scenario, args, cli.io));
    else cli.io.out(runPage(report, scenario, args, cli.io));
    return statusOf(report, cli);
  },
};

async function fixFor({ with: path }: Arguments, { io }: Cli): Promise<Pick<RunOptions, 'with'>> {
  const fix = await openFix(path, io);
  return fix === undefined ? {} : { with: fix };
}

/** A plot that nobody but its reader sees has samples of its own. */
function samplesFor({ plot, json: asJson, variant }: Arguments, scenario: Scenario): Pick<RunOptions, 'sampleNs'> {
  if (plot !== true || asJson === true) return {};
  const { untilNs } = variant === undefined ? scenario : scenario.variantSpecs[variant]!;
  return { sampleNs: Math.max(1, Math.ceil(untilNs / PLOT_SAMPLES)) };
}

function optionsFor(args: Arguments, scenario: Scenario): RunOptions {
  const { variant } = args;
  if (variant !== undefined && !scenario.variants.includes(variant)) throw noVariant(variant, scenario);
  return {
    ...(args.at === undefined ? {} : { revision: args.at }),
    ...(args.kernel === undefined ? {} : { kernel: args.kernel }),
    ...(args.seed === undefined ? {} : { seed: args.seed }),
    ...(variant === undefined ? {} : { variant }),
    ...(args['max-ops'] === undefined ? {} : { maxOps: args['max-ops'] }),
    ...(args['max-virtual'] === undefined ? {} : { maxVirtualNs: args['max-virtual'] }),
  };
}

/** Runs, with every event printed where a trace is asked for. Lines go out in batches: a trace may have millions. */
function runTraced(scenario: Scenario, options: RunOptions, { io, engine }: Cli): RunReport {
  let batch = `${textLegend}\n`;
  const flush = (): void => {
    io.out(batch);
    batch = '';
  };
  try {
    return engine.runScenario(scenario, {
      ...options,
      listener: (event) => {
        batch += `${escapeControl(formatEvent(event))}\n`;
        if (batch.length > BATCH_CHARACTERS) flush();
      },
    });
  } finally {
    batch += '\n';
    flush();
  }
}

function checkTwice(scenario: Scenario, options: RunOptions, cli: Cli): void {
  const difference = cli.engine.checkDeterminism(scenario, options);
  if (difference !== null) throw new NondeterminismError(`two runs of ${scenario.name} differ: ${difference}`);
}

function statusOf(report: RunReport, { io }: Cli): ExitStatus {
  const { limit } = report.result;
  if (limit === undefined) return report.ok ? 0 : 1;
  io.err(`jiffies: ${clip(limit, 300)}\n`);
  return 3;
}
