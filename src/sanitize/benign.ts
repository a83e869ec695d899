/** The races that the model marks as known, as lines for a person. */
import { type BenignRace, benignRaces } from '../kernel/benign-race.js';

export interface BenignSeen {
  readonly mark: BenignRace;
  /** How often it applied. */
  readonly seen: number;
}

/** All marks of the model, with how often each applied in a search; 0 where it did not. */
export function allBenign(seen: readonly BenignSeen[] = []): readonly BenignSeen[] {
  return benignRaces.map((mark) => ({ mark, seen: seen.find((one) => one.mark === mark)?.seen ?? 0 }));
}

/** What `--show-benign` prints. */
export function benignLines(list: readonly BenignSeen[] = allBenign()): readonly string[] {
  if (list.length === 0) return ['no race of the model is marked as known'];
  return list.flatMap(({ mark, seen }) => [
    `${mark.in}: ${mark.fields.join(', ')}${seen > 0 ? ` (seen ${seen} ${seen === 1 ? 'time' : 'times'})` : ''}`,
    `  ${mark.why}`,
    `  source: ${mark.source}`,
  ]);
}
