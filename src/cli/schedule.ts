/** `jiffies run --schedule TOKEN`: makes a run that `explore` has found again. */
import { type ReplayRunResult, replay } from '../explore/explore.js';
import { decodeToken } from '../explore/token.js';
import { parseRevision, type Revision } from '../history/revision.js';
import { nameOfFix } from '../scenario/fix.js';
import { escapeControl } from '../scenario/read/escape.js';
import { InputError } from '../sim/errors.js';
import { formatEvent, textLegend } from '../trace/text.js';
import type { Cli, ExitStatus } from './command.js';
import { type Opened, openExplorable } from './explorable.js';
import { printJson } from './format/json.js';
import { schemaNames } from './schema-names.js';
import { schedulePage } from './views/schedule.js';

interface Arguments {
  readonly file: string;
  readonly schedule: string;
  readonly at?: Revision;
  readonly kernel?: string;
  readonly variant?: string;
  readonly with?: string;
  readonly trace?: boolean;
  readonly json?: boolean;
}

/** Options of `run` that say nothing of a run whose every decision is laid down. */
const others = ['seed', 'metrics', 'plot', 'check-determinism', 'max-ops', 'max-virtual'] as const;

export async function runUnderSchedule(args: Arguments, cli: Cli): Promise<ExitStatus> {
  const idle = others.find((name) => Object.hasOwn(args, name));
  if (idle !== undefined) throw new InputError(`--schedule and --${idle} cannot be combined`);
  const { revision, era } = decodeToken(args.schedule);
  const opened = await openExplorable(
    args,
    () => ({
      ...(revision === null ? {} : { at: parseRevision(revision) }),
      ...(era === null ? {} : { kernel: era }),
    }),
    cli,
  );
  const events: string[] = [];
  const listener = (event: Parameters<typeof formatEvent>[0]): void => {
    events.push(escapeControl(formatEvent(event)));
  };
  const result = replay(opened.program, args.schedule, {
    columns: cli.io.columns,
    ...(args.trace === true ? { listener } : {}),
  });
  if (args.trace === true) cli.io.out(`${[textLegend, ...events, ''].join('\n')}\n`);
  if (args.json === true) printJson(cli.io, schemaNames.schedule, form(result, opened, args));
  else cli.io.out(schedulePage(result, opened, args, cli.io));
  return result.failure === null ? 0 : 1;
}

function form(result: ReplayRunResult, opened: Opened, args: Arguments): object {
  const { sameProgram, outcome, steps, preemptions, faults, story } = result;
  return {
    scenario: opened.name,
    revision: opened.revision,
    kernel: opened.kernel,
    ...(args.variant === undefined ? {} : { variant: args.variant }),
    ...(opened.fix === undefined ? {} : { with: nameOfFix(opened.fix) }),
    token: args.schedule,
    sameProgram,
    outcome,
    steps,
    preemptions,
    faults: faults.map(({ kind, message }) => ({ kind, message })),
    story: story.map(({ who, what, object, preempts }) => ({ who, what, object, preempts })),
  };
}
