/** What `jiffies run --schedule` prints: where it ran, the story, how it ended. */
import type { ReplayRunResult } from '../../explore/explore.js';
import { formatStory } from '../../explore/report.js';
import { escapeControl, escapeControlInLines } from '../../scenario/read/escape.js';
import type { Opened } from '../explorable.js';
import { counted, Page } from '../format/page.js';
import type { Io } from '../io.js';

const ends = {
  complete: 'it ran to its end, and nothing failed',
  deadlock: 'it is stuck',
  horizon: 'it ended at the horizon, and nothing failed',
  stopped: 'it was cut at the limit at which it was recorded, and nothing failed before',
  halted: 'the machine stopped',
} as const;

export function schedulePage(
  result: ReplayRunResult,
  opened: Opened,
  asked: { readonly schedule: string },
  io: Pick<Io, 'color' | 'columns'>,
): string {
  const page = new Page(io);
  page.text(escapeControl(opened.name), { formats: ['bold'] });
  const where = opened.revision === null ? [] : [`${opened.revision} on kernel ${opened.kernel}`];
  const fix = opened.fix === undefined ? [] : [`with ${escapeControl(opened.fix.file)}`];
  page.text([...where, ...fix, `schedule ${escapeControl(asked.schedule)}`].join(', '), { formats: ['dim'] });
  if (!result.sameProgram) {
    const what = opened.scenario === null ? 'program' : 'scenario, or the model,';
    page.text(`the ${what} has changed since this token was made; the schedule still fits`, { formats: ['yellow'] });
  }
  page.line();
  if (result.failure !== null) {
    for (const line of escapeControlInLines(result.failure.report).split('\n')) page.line(line);
    return page.toString();
  }
  for (const line of formatStory(result.story, result.failure, io.columns)) page.line(escapeControl(line));
  page.line().text(ends[result.outcome], { formats: ['green'] });
  return page
    .text(`${counted(result.steps, 'step')}, ${counted(result.preemptions, 'preemption')}`, { formats: ['dim'] })
    .toString();
}
