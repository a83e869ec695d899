/** What `jiffies show` prints of a commit. */
import { type Commit, lastReleaseOf, revisionAt } from '../../history/revision.js';
import { brief, briefWithSubject, commitById } from '../commits.js';
import { Page } from '../format/page.js';
import type { Io } from '../io.js';

export function showPage(commit: Commit, scenarios: readonly string[], io: Pick<Io, 'color' | 'columns'>): string {
  const page = new Page(io);
  const which = commit.extra === true ? 'extra' : `R${commit.number}`;
  page.line(page.paint(`${which} ${commit.hash ?? commit.id}`, 'yellow'));
  page.text(commit.subject, { formats: ['bold'] }).line();
  page.pairs(facts(commit));
  page.heading('effect').text(commit.effect, { indent: 2 });
  addTraits(page, commit);
  page.heading('scenarios');
  if (scenarios.length === 0) page.text(commit.observable ? 'none' : 'none: no observable change', { indent: 2 });
  for (const name of scenarios) page.line(`  ${page.paint(`jiffies replay ${name}`, 'cyan')}`);
  return page.toString();
}

function facts(commit: Commit): readonly (readonly [string, string])[] {
  const { author, date, authorDate, parent, firstTag, blob, unverified = [] } = commit;
  const parentCommit = parent === undefined ? undefined : commitById(parent);
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ['author', author],
    ['date', authorDate === undefined ? date : `${date} (written ${authorDate})`],
    ['class', commit.class],
    ['after', parentCommit && briefWithSubject(parentCommit)],
    ['first in', firstTag],
    ['runs on', commit.extra === true ? undefined : lastReleaseOf(revisionAt(commit))],
    ['file', blob === undefined ? undefined : `net/core/dst.c, blob ${blob}`],
    ['names', commit.names.join(', ')],
    ['revision', `${brief(commit)}, just before: ${brief(commit)}^`],
    ['needs', commit.rooms.length === 0 ? undefined : `${commit.rooms.join(', ')}: not modelled yet`],
    ['unverified', unverified.length === 0 ? undefined : unverified.join(', ')],
  ];
  return pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined);
}

function addTraits(page: Page, { traits, surroundings = {} }: Commit): void {
  const entries = [...Object.entries(traits), ...Object.entries(surroundings)];
  page.heading('traits');
  if (entries.length === 0) page.text('none: it changed no code that is executed', { indent: 2 });
  for (const [name, value] of entries) page.line(`  ${name}: ${String(value)}`);
}
