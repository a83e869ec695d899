/** Where two runs part, in words. */
import { formatEvent } from '../trace/text.js';
import type { TraceEvent } from '../trace/trace.js';
import { type TracedRun, whereTheyPart } from './event-streams.js';

/** The first event that differs, on both sides; null when both runs are the same. */
export function describeParting(left: TracedRun, right: TracedRun): string | null {
  const parting = whereTheyPart(left, right, 1);
  if (parting === null) return null;
  return `from event ${parting.at} on: ${shown(parting.left[0])} / ${shown(parting.right[0])}`;
}

function shown(event: TraceEvent | undefined): string {
  return event === undefined ? 'the end of the run' : formatEvent(event).trim();
}
