/** What the sanitizer tests share: the blocks of a failure, and what is found at all. */
import { type ExploreOptions, explore } from '../../src/explore/explore.js';
import type { Program } from '../../src/explore/program.js';

/** The failure's report from its first block on, without the line that replays it. */
export function blockOf(program: Program, options: ExploreOptions = {}): string {
  const report = explore(program, options).failure?.report ?? 'nothing';
  const start = report.search(/^={30,}$/m);
  return start < 0 ? report : report.slice(start, report.lastIndexOf('\n\nreplay('));
}

/** Kinds of all that an exhaustive search finds, each once. */
export function kindsOf(program: Program, options: ExploreOptions = {}): readonly string[] {
  const { failure, findings } = explore(program, { strategy: 'optimal-dpor', shrink: false, ...options });
  return [...new Set([...(failure === null ? [] : [failure.kind]), ...findings.map(({ kind }) => kind)])].toSorted();
}
