/** What `jiffies log` prints: a table of commits. */
import type { Commit } from '../../history/revision.js';
import { brief } from '../commits.js';
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

interface Entry {
  readonly commit: Commit;
  readonly scenarios: readonly string[];
}

export function logPage(entries: readonly Entry[], io: Pick<Io, 'color' | 'columns'>): string {
  const page = new Page(io).table(columns, entries.map(row), { indent: 0, apart: false });
  const extras = entries.filter(({ commit }) => commit.extra === true).length;
  const count = `${counted(entries.length - extras, 'commit')} of net/core/dst.c, ${extras} extra (+)`;
  return page.line().line(count).line(page.paint('more about one: jiffies show COMMIT', 'dim')).toString();
}

function row({ commit, scenarios }: Entry): readonly Cell[] {
  const quiet: readonly Format[] = commit.observable ? [] : ['dim'];
  return [
    { text: commit.extra === true ? '+' : `R${commit.number}`, formats: ['bold'] },
    { text: brief(commit), formats: ['yellow'] },
    { text: commit.date },
    { text: commit.class, formats: quiet },
    { text: commit.subject, formats: quiet },
    { text: shownBy(commit, scenarios), formats: scenarios.length > 0 ? ['cyan'] : ['dim'] },
  ];
}

/** The scenarios of a commit, or why it has none. */
export function shownBy({ observable, rooms, number }: Commit, scenarios: readonly string[]): string {
  if (scenarios.length > 0) return scenarios.join('\n');
  if (number === 1) return 'the baseline';
  if (!observable) return 'no observable change';
  return rooms.length > 0 ? `needs ${rooms.join(', ')}` : 'no scenario yet';
}
