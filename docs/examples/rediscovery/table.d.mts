import type { ExploreResult, StrategyName, WorldSubject } from 'jiffies';

export interface Row {
  readonly name: string;
  readonly program: WorldSubject;
  readonly small: WorldSubject;
  readonly before: string;
  readonly fixed: string;
  readonly how: { readonly strategy: StrategyName; readonly preemptionBound?: number };
}

export type Question = 'overlap' | 'bug' | 'directOverlap' | 'directBug';

export const seeds: readonly number[];
export const budget: number;
export const rows: readonly Row[];
export const cores: readonly string[];
export const stories: Readonly<Record<Question, WorldSubject>>;

export function search(
  row: Row,
  revision: string,
  seed: number,
  options?: { readonly runs?: number; readonly shrink?: boolean },
): ExploreResult;
export function searchSmall(row: Row, revision: string, options?: { readonly keepGoing?: boolean }): ExploreResult;
export function settle(what: Question, kernel: string): ExploreResult;
export function smallLine(row: Row): string;
export function answer(result: ExploreResult): string;
