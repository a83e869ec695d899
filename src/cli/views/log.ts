/** What `jiffies log` prints: a table of commits. */
import type { Commit } from '../../history/revision.js';
import type { Scenario } from '../../scenario/index.js';
import { escapeControl } from '../../scenario/read/escape.js';
import { brief, type Role, roleIn } from '../commits.js';
import { counted, Page } from '../format/page.js';
import type { Format } from '../format/paint.js';
import type { Cell, Column } from '../format/table.js';
import type { Io } from '../io.js';

const columns: readonly Column[] = [
  { title: '' },
  { title: 'commit', max: 13 },
  { title: 'date' },
  { title: 'class' },
  { title: 'subject', shrinkTo: 20 },
  { title: 'shown by', shrinkTo: 18 },
];

/** Before the name of a scenario. */
const marks: Readonly<Record<Role, string>> = { fixes: '✓', brings: '●', belongs: '·' };
const NO_BREAK = '\u00a0';

export function logPage(
  commits: readonly Commit[],
  scenarios: readonly Scenario[],
  io: Pick<Io, 'color' | 'columns'>,
): string {
  const rows = commits.map((commit) => row(commit, scenarios));
  const page = new Page(io).table(columns, rows, { indent: 0, apart: false });
  const extras = commits.filter(({ extra }) => extra === true).length;
  const count = `${counted(commits.length - extras, 'commit')} of net/core/dst.c, ${extras} extra (+)`;
  const legend = `${marks.fixes} makes the bug go   ${marks.brings} brings it   ${marks.belongs} belongs to the story`;
  page.line().line(count).line(page.paint(legend, 'dim'));
  return page.line(page.paint('more about one: jiffies show COMMIT', 'dim')).toString();
}

function row(commit: Commit, scenarios: readonly Scenario[]): readonly Cell[] {
  const quiet: readonly Format[] = commit.observable ? [] : ['dim'];
  const shown = marked(commit, scenarios);
  return [
    { text: commit.extra === true ? '+' : `R${commit.number}`, formats: ['bold'] },
    { text: brief(commit), formats: ['yellow'] },
    { text: commit.date },
    { text: commit.class, formats: quiet },
    { text: commit.subject, formats: quiet },
    { text: shown || whyNone(commit), formats: shown === '' ? ['dim'] : ['cyan'] },
  ];
}

/** The scenarios of a commit, each with what it is to them. */
function marked(commit: Commit, scenarios: readonly Scenario[]): string {
  const lines = scenarios.flatMap((scenario) => {
    const role = roleIn(commit, scenario);
    return role === null ? [] : [`${marks[role]}${NO_BREAK}${escapeControl(scenario.name)}`];
  });
  return lines.join('\n');
}

/** Why a commit has no scenario. */
function whyNone({ observable, rooms, number }: Commit): string {
  if (number === 1) return 'the baseline';
  if (!observable) return 'no observable change';
  return rooms.length > 0 ? `needs ${rooms.join(', ')}` : 'no scenario yet';
}
