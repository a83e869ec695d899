/**
 * What `jiffies replay --reporter junit` prints: JUnit's XML, one test case for each side of each scenario (one for a
 * scenario without a fixing commit, which has one side). There are no times in it: the same replay prints the same bytes.
 */
import type { ReplayResult, ReplaySide } from '../../scenario/index.js';
import { escapeControl } from '../../scenario/read/escape.js';

interface Case {
  readonly classname: string;
  readonly name: string;
  readonly shownBy: string;
  /** What was wrong, the heading first; none: it passed. */
  readonly failure: readonly [string, ...string[]] | null;
}

export function junitXml(results: readonly ReplayResult[]): string {
  const cases = results.flatMap(casesOf);
  const failures = cases.filter(({ failure }) => failure !== null).length;
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="jiffies replay" ${counts}>`,
    ...cases.flatMap(caseLines),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function casesOf(result: ReplayResult): readonly Case[] {
  const { before, after, fixedBy } = result;
  if (fixedBy === null) return [caseOf(result, 'run', before, null)];
  return [
    caseOf(result, 'before', before, before.reproduced ? null : 'the bug was not reproduced'),
    caseOf(result, 'after', after, after.reproduced ? 'the bug is still there' : null),
  ];
}

function caseOf(
  { scenario, failed, verdict, with: fix }: ReplayResult,
  what: 'before' | 'after' | 'run',
  { revision, shownBy }: ReplaySide,
  wrong: string | null,
): Case {
  const others = what === 'run' ? [...failed.before, ...failed.after] : failed[what];
  const details = wrong === null ? others : [`${wrong}: ${shownBy}`, ...others];
  const [first, ...rest] = details;
  const name = [what, `at ${revision}`, ...(fix === undefined ? [] : [`with ${fix.file}`])].join(' ');
  const failure = first === undefined ? null : ([`${verdict}: ${first}`, ...rest] as const);
  return { classname: scenario, name, shownBy, failure };
}

function caseLines({ classname, name, shownBy, failure }: Case): readonly string[] {
  const open = `    <testcase classname="${escaped(classname)}" name="${escaped(name)}">`;
  const [message] = failure ?? [];
  const lines = message === undefined ? [] : [`      <failure message="${escaped(message)}" type="verdict">`];
  if (failure !== null) lines.push(...failure.map(escaped), '      </failure>');
  return [open, ...lines, `      <system-out>${escaped(shownBy)}</system-out>`, '    </testcase>'];
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** For text and attributes. Control characters, which XML has no way to write, are escaped as everywhere here. */
function escaped(text: string): string {
  return escapeControl(text)
    .replace(/[\uFFFE\uFFFF]|\p{Surrogate}/gu, '\uFFFD')
    .replace(/[&<>"]/g, (char) => entities[char]!);
}
