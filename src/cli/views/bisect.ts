/** What `jiffies bisect` prints: the revisions as a strip, then the commits where the verdict turns. */
import { parseRevision, shortId } from '../../history/revision.js';
import type { BisectResult, Scenario } from '../../scenario/index.js';
import { escapeControl } from '../../scenario/read/escape.js';
import { brief, briefWithSubject, commitById } from '../commits.js';
import { counted, Page } from '../format/page.js';
import type { Io } from '../io.js';

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
  page.line(page.paint(`${counted(result.tested.length, 'revision')} on kernel ${result.kernel}`, 'dim')).line();
  addStrip(page, result);
  addAnswer(page, result);
  if (scenario.fixedBy !== null && scenario.fixedBy.id !== result.commit?.id) {
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

/** Two lines a row: names of revisions, and below each ● where the bug shows and · where it does not. */
function addStrip(page: Page, { tested }: BisectResult): void {
  const rows = Math.ceil(tested.length / Math.max(1, Math.floor(page.width / CELL_COLUMNS)));
  const perRow = Math.ceil(tested.length / rows);
  for (let i = 0; i < tested.length; i += perRow) {
    const part = tested
      .slice(i, i + perRow)
      .map(({ revision, reproduced }) => ({ name: labelOf(revision), reproduced }));
    page.line(
      part
        .map(({ name }) => name.padEnd(CELL_COLUMNS))
        .join('')
        .trimEnd(),
    );
    const marks = part.map(({ reproduced }) => {
      const mark = reproduced ? page.paint('●', 'yellow') : page.paint('·', 'green');
      return mark + ' '.repeat(CELL_COLUMNS - 1);
    });
    page.line(marks.join('').trimEnd());
  }
  page.line(page.paint('● the bug shows   · it does not', 'dim')).line();
}

/** `R14`, with `+` if more was added to it or left out; `+3ef1` for the newest with a commit beside the 26. */
function labelOf(revision: string): string {
  const { base, added, removed } = parseRevision(revision);
  if (added.length === 1 && added[0]!.extra === true) return `+${brief(added[0]!).slice(0, CELL_COLUMNS - 2)}`;
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
