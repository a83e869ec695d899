/** What `jiffies diff` prints: the events both runs share, then each side's own. */
import { parseRevision } from '../../history/revision.js';
import type { DiffResult, Scenario } from '../../scenario/index.js';
import { escapeControl } from '../../scenario/read/escape.js';
import { Page } from '../format/page.js';
import type { Format } from '../format/paint.js';
import type { Io } from '../io.js';
import { fixText } from './fix.js';

export function diffPage(result: DiffResult, scenario: Scenario, io: Pick<Io, 'color' | 'columns'>): string {
  const page = new Page(io);
  page.text(escapeControl(scenario.title), { formats: ['bold'] }).line();
  page.pairs([
    ['left', side(result.left)],
    ['right', side(result.right)],
    ...(result.with === undefined ? [] : [['right with', fixText(result.with)] as const]),
  ]);
  if (result.same) return page.line().line(page.paint('the two runs are the same', 'green')).toString();
  page
    .line()
    .text(`they part at event ${result.at}`, { formats: ['bold'] })
    .line();
  addEvents(page, ' ', result.common, 'dim');
  addEvents(page, '-', result.leftEvents, 'red');
  addEvents(page, '+', result.rightEvents, 'green');
  return page.toString();
}

function side({ revision, fingerprint }: DiffResult['left']): string {
  const { base } = parseRevision(revision);
  return `${revision} (R${base.number}, ${base.subject}), fingerprint ${fingerprint}`;
}

function addEvents(page: Page, sign: string, events: readonly string[], format: Format): void {
  for (const event of events) page.line(page.paint(`${sign} ${escapeControl(event)}`, format));
}
