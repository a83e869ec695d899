/**
 * Kinds of violations that tell what could go wrong from a run in which nothing did. A search goes on behind them, for
 * the run in which it does.
 */
const kinds: ReadonlySet<string> = new Set(['data-race', 'lock-order', 'irq-safety']);

/** Is it a finding about a run that may have ended well? */
export function isFinding(kind: string): boolean {
  return kinds.has(kind);
}

/** What becomes of findings: a failure if nothing worse is found; only told; not looked for. */
export const findingModes = ['fail', 'report', 'off'] as const;
export type FindingMode = (typeof findingModes)[number];
