/** What `jiffies bisect` prints: the revisions as a strip, then the commits where the verdict turns. */
import { parseRevision, shortId } from '../../history/revision.js';
import type { BisectResult, Scenario } from '../../scenario/index.js';
import { escapeControl } from '../../scenario/read/escape.js';
import { brief, briefWithSubject, commitById } from '../commits.js';
import { counted, Page } from '../format/page.js';
import type { Io } from '../io.js';
import { fixText } from './fix.js';

type Commit = BisectResult['commit'];

const CELL_COLUMNS = 5;

export function bisectPage(
  result: BisectResult,
  scenario: Scenario,
  typed: string,
  io: Pick<Io, 'color' | 'columns'>,
): string {
  const page = new Page(io);
  page.text(escapeControl(scenario.title), { formats: ['bold'] });
  page.line(page.paint(`${counted(result.tested.length, 'revision')} on kernel ${result.kernel}`, 'dim'));
  if (result.with !== undefined) page.pairs([['with', fixText(result.with)]]);
  page.line();
  addStrip(page, result);
  addAnswer(page, result);
  if (result.with === undefined && scenario.fixedBy !== null && scenario.fixedBy.id !== result.commit?.id) {
    const text = `the scenario says ${briefWithSubject(scenario.fixedBy)}`;
    page.text(text, { mark: page.paint('✗', 'red') });
  }
  const turning = commitOf(result.commit) ?? commitOf(result.introducedBy);
  if (turning !== undefined) {
    const [file, at] = [escapeControl(typed), brief(turning)];
    page.heading('next').line(`  ${page.paint(`jiffies diff ${file} ${at}^ ${at}`, 'cyan')}`);
    page.line(`  ${page.paint(`jiffies show ${at}`, 'cyan')}`);
  }
  return page.toString();
}

type Tested = BisectResult['tested'][number];

/**
 * Two lines a row: names of revisions, and below each ● where the bug shows and · where it does not. Then a line for each
 * revision with a commit beside the 26.
 */
function addStrip(page: Page, { tested }: BisectResult): void {
  const beside = tested.filter(({ revision }) => besideOf(revision) !== undefined);
  const line = tested.filter((one) => !beside.includes(one));
  const rows = Math.ceil(line.length / Math.max(1, Math.floor(page.width / CELL_COLUMNS)));
  const perRow = Math.ceil(line.length / rows);
  for (let i = 0; i < line.length; i += perRow) addRow(page, line.slice(i, i + perRow));
  for (const { revision, reproduced } of beside) {
    const text = `R${parseRevision(revision).base.number} and ${briefWithSubject(besideOf(revision)!)}`;
    page.text(text, { mark: markOf(page, reproduced) });
  }
  page.line(page.paint('● the bug shows   · it does not', 'dim')).line();
}

function addRow(page: Page, part: readonly Tested[]): void {
  const names = part.map(({ revision }) => labelOf(revision).padEnd(CELL_COLUMNS));
  const marks = part.map(({ reproduced }) => markOf(page, reproduced) + ' '.repeat(CELL_COLUMNS - 1));
  page.line(names.join('').trimEnd()).line(marks.join('').trimEnd());
}

function markOf(page: Page, reproduced: boolean): string {
  return reproduced ? page.paint('●', 'yellow') : page.paint('·', 'green');
}

/** The one commit beside the 26 that a revision has besides its own. */
function besideOf(revision: string): ReturnType<typeof commitById> {
  const { added, removed } = parseRevision(revision);
  return added.length === 1 && removed.length === 0 && added[0]!.extra === true ? added[0] : undefined;
}

/** `R14`, with `+` if more was added to it or left out. */
function labelOf(revision: string): string {
  const { base, added, removed } = parseRevision(revision);
  return `R${base.number}${added.length + removed.length > 0 ? '+' : ''}`;
}

function addAnswer(page: Page, { commit, introducedBy, tested }: BisectResult): void {
  if (introducedBy !== null) page.text(`brought by ${nameOf(introducedBy)}`);
  if (commit !== null) page.text(page.paint(`gone with ${nameOf(commit)}`, 'bold'));
  if (commit !== null || introducedBy !== null) return;
  const always = tested[0]?.reproduced === true;
  page.text(`no commit changes the verdict: the bug shows at ${always ? 'every' : 'no'} revision`);
}

function nameOf(commit: NonNullable<Commit>): string {
  const known = commitOf(commit);
  return `${known === undefined ? commit.id : shortId(known)} (${commit.date}) ${commit.subject}`;
}

function commitOf(commit: Commit): ReturnType<typeof commitById> {
  return commit === null ? undefined : commitById(commit.id);
}
