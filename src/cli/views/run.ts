/** What `jiffies run` prints, top to bottom. */
import { parseRevision, revisionAt } from '../../history/revision.js';
import type { RunReport, Scenario } from '../../scenario/index.js';
import { escapeControl, escapeControlInLines } from '../../scenario/read/escape.js';
import { brief, briefRevision } from '../commits.js';
import { Page } from '../format/page.js';
import type { Io } from '../io.js';
import { fixText } from './fix.js';
import { addGcTable } from './gc-table.js';
import { addMetricsTable } from './metrics.js';
import { addPlot } from './plot.js';

const NS_PER_S = 1_000_000_000;
const LOG_LINES_MAX = 16;
const METRICS_MAX = 60;
const VIOLATIONS_MAX = 12;

/** How the run was asked for. */
interface Asked {
  readonly file: string;
  readonly variant?: string;
  readonly 'check-determinism'?: boolean;
  readonly metrics?: boolean;
  readonly plot?: boolean;
  /** What to draw. */
  readonly series?: readonly string[];
}

export function runPage(
  report: RunReport,
  scenario: Scenario,
  asked: Asked,
  io: Pick<Io, 'color' | 'columns'>,
): string {
  const page = new Page(io);
  addHead(page, report, scenario);
  addNotes(page, report);
  addViolations(page, report);
  addLog(page, report);
  addGcTable(page, report.result.series.gc);
  addMetrics(page, report);
  addExpectations(page, report);
  addTail(page, report, asked);
  addNext(page, report, scenario, asked);
  return page.toString();
}

/** `--metrics` and `--plot`: the figures alone. */
export function figuresPage(
  { result }: RunReport,
  scenario: Scenario,
  asked: Asked,
  io: Pick<Io, 'color' | 'columns'>,
): string {
  const page = new Page(io);
  const name = result.variant === undefined ? result.scenario : `${result.scenario} (${result.variant})`;
  page.text(escapeControl(name), { formats: ['bold'] });
  const fix = result.with === undefined ? '' : `, with ${escapeControl(result.with.file)}`;
  const { base } = parseRevision(result.revision);
  page.text(`${result.revision} (R${base.number}) on kernel ${result.kernel}${fix}`, { formats: ['dim'] });
  if (asked.metrics === true) addMetricsTable(page, result);
  if (asked.plot === true) addPlot(page, result, asked.series ?? [], hzOf(scenario, result.variant));
  return page.toString();
}

function hzOf({ machine, variantSpecs }: Scenario, variant: string | undefined): number {
  return variant === undefined ? machine.hz : variantSpecs[variant]!.machine.hz;
}

function addHead(page: Page, { result }: RunReport, scenario: Scenario): void {
  page.text(escapeControl(scenario.title), { formats: ['bold'] });
  const story = escapeControlInLines(scenario.story)
    .trim()
    .split(/\n\s*\n/)[0]!;
  if (story !== '') page.text(story.replace(/\s+/g, ' '), { formats: ['dim'] });
  const { base } = parseRevision(result.revision);
  page
    .line()
    .pairs([
      [
        'scenario',
        escapeControl(result.variant === undefined ? result.scenario : `${result.scenario} (${result.variant})`),
      ],
      ['revision', `${result.revision} (R${base.number}, ${base.date}: ${base.subject})`],
      ['kernel', result.kernel],
      ['seed', String(result.seed)],
      ...(result.with === undefined ? [] : [['with', fixText(result.with)] as const]),
    ]);
}

function addNotes(page: Page, { result }: RunReport): void {
  if (result.notes.length === 0) return;
  page.heading('notes');
  for (const note of result.notes) page.text(escapeControl(note), { indent: 2, mark: '·' });
}

function addViolations(page: Page, report: RunReport): void {
  const { violations, unexpected } = report;
  if (violations.length === 0) return;
  page.heading('violations', unexpected.length === 0 ? 'as expected' : `${unexpected.length} unexpected`);
  for (const { kind, message, jiffies, cpu, stack } of violations.slice(0, VIOLATIONS_MAX)) {
    page.text(escapeControl(`${kind}: ${message}`), { indent: 2, mark: page.paint('!', 'yellow', 'bold') });
    page.text(`jiffies ${jiffies}, CPU ${cpu}`, { indent: 4, formats: ['dim'] });
    if (stack.length > 0) page.text(escapeControl([...stack].reverse().join(' ← ')), { indent: 4, formats: ['dim'] });
  }
  addMore(page, violations.length - VIOLATIONS_MAX);
}

function addLog(page: Page, { result }: RunReport): void {
  const lines = result.kernelLog;
  if (lines.length === 0) return;
  const left = lines.length - LOG_LINES_MAX;
  page.heading('kernel log', left > 0 ? `the last ${LOG_LINES_MAX} of ${lines.length} lines` : '');
  for (const { jiffies, cpu, level, text } of lines.slice(-LOG_LINES_MAX)) {
    const stamp = page.paint(`[${String(jiffies).padStart(10)} CPU${cpu}]`, 'dim');
    const shown = escapeControl(text);
    page.line(`  ${stamp} ${level <= 3 ? page.paint(shown, 'red') : shown}`);
  }
}

function addMetrics(page: Page, { result }: RunReport): void {
  const entries = Object.entries(result.metrics).map(([name, value]) => [escapeControl(name), value] as const);
  if (entries.length === 0) return;
  page.heading('metrics');
  const told = entries.filter(([, value]) => value !== 0);
  const rows = told.slice(0, METRICS_MAX).map(([name, value]) => [name, String(value)]);
  if (rows.length > 0) page.table([{ title: 'name' }, { title: 'value', align: 'right' }], rows);
  addMore(page, told.length - METRICS_MAX);
  const zeros = entries.filter(([, value]) => value === 0).map(([name]) => name);
  if (zeros.length > 0) page.text(`0: ${zeros.join(', ')}`, { indent: 2, formats: ['dim'] });
}

function addExpectations(page: Page, { expectations, unexpected }: RunReport): void {
  if (expectations.length === 0 && unexpected.length === 0) return;
  page.heading('expectations');
  for (const { text, held, found, place } of expectations) {
    const mark = held ? page.paint('✓', 'green') : page.paint('✗', 'red');
    page.text(escapeControl(held ? text : `${text}; found ${found} (${place})`), { indent: 2, mark });
  }
  for (const { kind, message } of unexpected.slice(0, VIOLATIONS_MAX)) {
    page.text(escapeControl(`nobody expected ${kind}: ${message}`), { indent: 2, mark: page.paint('✗', 'red') });
  }
  addMore(page, unexpected.length - VIOLATIONS_MAX);
}

function addMore(page: Page, count: number): void {
  if (count > 0) page.text(`… and ${count} more; --json has them all`, { indent: 2, formats: ['dim'] });
}

function addTail(page: Page, { result, bug, ok }: RunReport, asked: Asked): void {
  page.line();
  if (bug !== null) {
    const answer = bug.reproduced ? page.paint('reproduced', 'yellow', 'bold') : page.paint('not reproduced', 'green');
    page.text(`bug ${answer}: ${escapeControl(bug.shownBy)}`);
  }
  const fix = result.with === undefined ? '' : ` with ${escapeControl(result.with.file)}`;
  const [good, bad] = fix === '' ? ['as expected', 'not as expected'] : ['nothing unexpected', 'something unexpected'];
  const verdict = ok ? page.paint(`✓ ${good}`, 'green') : page.paint(`✗ ${bad}`, 'red', 'bold');
  page.line(
    `${verdict}${fix} after ${result.virtualNs / NS_PER_S} s of virtual time, fingerprint ${result.fingerprint}`,
  );
  if (fix !== '') page.line('run twice: the same events; no expectation of the file is held against it');
  if (result.limit !== undefined) page.text(`cut short: ${escapeControl(result.limit)}`, { formats: ['yellow'] });
  if (asked['check-determinism'] === true) page.line('two more runs gave the same events');
}

/** Commands that lead on from here. */
function addNext(page: Page, { result }: RunReport, scenario: Scenario, asked: Asked): void {
  const file = escapeControl(asked.file);
  const own = result.with === undefined ? '' : ` --with ${escapeControl(result.with.file)}`;
  const lines = [`jiffies run ${file} --trace${own}`];
  if (scenario.hasBug) lines.push(`jiffies bisect ${file}${own}`);
  const here = briefRevision(parseRevision(result.revision));
  if (own !== '') lines.push(`jiffies diff ${file} ${here} ${here}${own}`);
  else if (scenario.fixedBy !== null) {
    const fix = brief(scenario.fixedBy);
    const isAtFix = result.revision === revisionAt(scenario.fixedBy).name;
    lines.push(`jiffies run ${file} --at ${isAtFix ? `${fix}^` : fix}`, `jiffies diff ${file} ${fix}^ ${fix}`);
  } else {
    lines.push(`jiffies diff ${file} R1 ${here}`);
  }
  page.heading('next');
  for (const line of lines) page.line(`  ${page.paint(line, 'cyan')}`);
}
