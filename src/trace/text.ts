/**
 * Events as text, one line each, in columns: what `run --trace` prints. The columns are explained by {@link textLegend},
 * which stands at the head of such a text.
 */
import type { TraceEvent } from './trace.js';

/** The letters of the context column. */
const contextLetters: Readonly<Record<string, string>> = { process: 'P', softirq: 's', hardirq: 'H' };

/** What the columns mean, a line each. */
export const textLegend = [
  '# time      virtual time since boot, in seconds',
  '# jiffies   the jiffies counter as the kernel would read it',
  '# cpu       the CPU, and what it executes: P process, s softirq, H hardirq, . nothing',
  '# task      the task that runs or is interrupted',
  '# event     its kind; names are those of ftrace where it has the same event',
  '# subject   what it is about, and its values: a<-b is a write of a over b, =a a value read or returned',
  '# in        the innermost modelled kernel function',
  '#',
  '#            time     jiffies  cpu   task             event                    subject  in',
].join('\n');

/** One event as one line, without its end. */
export function formatEvent(event: TraceEvent): string {
  const time = formatSeconds(event.timeNs).padStart(20);
  const cpu = `${String(event.cpu).padStart(2)} ${contextLetters[event.context] ?? '.'}`;
  const within = event.stack[event.stack.length - 1];
  const line = [
    time,
    String(event.jiffies).padStart(10),
    cpu,
    plain(event.task).padEnd(15),
    event.type.padEnd(23),
    subjectAndValues(event),
    within === undefined ? '' : ` in ${plain(within)}`,
  ];
  return line.join('  ').trimEnd();
}

/** Virtual ns as seconds with nine digits, exactly. */
export function formatSeconds(timeNs: number): string {
  const seconds = Math.floor(timeNs / 1e9);
  return `${seconds}.${String(timeNs - seconds * 1e9).padStart(9, '0')}`;
}

const writes = new Set(['write', 'rmw']);
/** Kinds whose value says something also when it is 0. */
const answers = new Set(['read', 'trylock', 'call', 'choice']);

function subjectAndValues(event: TraceEvent): string {
  const { a, b, type } = event;
  const text = plain(event.text);
  const silent = a === 0 && b === 0 && (!answers.has(type) || text !== '');
  const values = writes.has(type) ? `${a}<-${b}` : silent ? '' : b === 0 ? `=${a}` : `=${a} ${b}`;
  return [plain(event.subject), text === '' || event.subject === '' ? '' : ' ', text, values === '' ? '' : ` ${values}`]
    .join('')
    .trim();
}

/** Control characters would break the line, or a terminal. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is them that are replaced
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (c) => {
    return `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
