/** `jiffies run`: one scenario at one revision, with all it shows. */
import type { Revision } from '../../history/revision.js';
import type { RunOptions, RunReport, Scenario } from '../../scenario/index.js';
import { clip, escapeControl } from '../../scenario/read/escape.js';
import { didYouMean, InputError, NondeterminismError } from '../../sim/errors.js';
import { formatEvent, textLegend } from '../../trace/text.js';
import type { Cli, Command, ExitStatus } from '../command.js';
import { printJson } from '../format/json.js';
import { at, json, kernel, maxOps, maxVirtual, plainText, seed } from '../options.js';
import { openScenario } from '../scenarios.js';
import { schemaNames } from '../schema-names.js';
import { runPage } from '../views/run.js';

interface Arguments {
  readonly file: string;
  readonly at?: Revision;
  readonly kernel?: string;
  readonly seed?: number;
  readonly variant?: string;
  readonly trace?: boolean;
  readonly json?: boolean;
  readonly 'check-determinism'?: boolean;
  readonly 'max-ops'?: number;
  readonly 'max-virtual'?: number;
}

/** Characters of a trace written at a time. */
const BATCH_CHARACTERS = 65_536;

export const run: Command<Arguments> = {
  name: 'run',
  describe: 'Run one scenario at one revision and show what happened',
  positionals: [{ name: 'file', describe: 'Name of a scenario, or a path', required: true, value: 'scenario' }],
  options: {
    at,
    kernel,
    seed,
    variant: { type: 'string', describe: "One of the scenario's variants", value: 'none', coerce: plainText },
    trace: { type: 'boolean', describe: 'Print every event, one a line, before the report' },
    json,
    'check-determinism': { type: 'boolean', describe: 'Run twice and report the first event that differs' },
    'max-ops': maxOps,
    'max-virtual': maxVirtual,
  },
  examples: [
    ['run 2007-10-gc-trace', "The kernel's own table, out of the simulator"],
    ['run 2005-07-gc-backoff --at backoff-fix^', 'Just before the fix'],
    ['run scenarios/mine.yaml --kernel 2.6.24 --seed 7 --trace', 'Each step of a file of your own'],
  ],
  epilogue:
    "Without --at: the scenario's own revision, else its fixing commit, else the newest.\nExit status 0 if every expectation that applies holds and nothing unexpected happened, 1 if not, 3 at a limit, 4 if two runs differed.",
  run: (args, cli) => {
    if (args.trace === true && args.json === true) throw new InputError('--trace and --json cannot be combined');
    const scenario = openScenario(args.file, cli);
    const options = optionsFor(args, scenario);
    const traced = args.trace === true;
    const report = traced ? runTraced(scenario, options, cli) : cli.engine.runScenario(scenario, options);
    if (args['check-determinism'] === true) checkTwice(scenario, options, cli);
    if (args.json === true) printJson(cli.io, schemaNames.run, report.result);
    else cli.io.out(runPage(report, scenario, args, cli.io));
    return statusOf(report, cli);
  },
};

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

function noVariant(variant: string, { name, variants }: Scenario): InputError {
  const known = variants.length === 0 ? 'it has none' : `it has ${variants.join(', ')}`;
  return new InputError(`${name} has no variant '${clip(variant, 60)}'; ${known}${didYouMean(variant, variants)}`);
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
