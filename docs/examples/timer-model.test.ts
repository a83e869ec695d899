/**
 * Timers and delayed works against a model: any calls, by any tasks, under any schedule.
 *
 * A call on a timer is one operation, so the history is the order in which the calls took effect, and a model that does
 * one thing after the other must give the same answers. Calls on works take several operations; what can be said of them
 * is a sum: a work runs as often as it was queued, less as often as it was cancelled.
 */
import * as fc from 'fast-check';
import {
  assertHolds,
  type HistoryEvent,
  scheduled,
  timerCall,
  waitCall,
  workCall,
  workload,
  workloadProgram,
} from 'jiffies/fast-check';
import { describe, expect, it } from 'vitest';

/** When each pending timer is due. */
type Pending = Map<number, number>;

/** What the model answers to an event, which it then takes as done. */
function answerOf(pending: Pending, event: HistoryEvent): unknown {
  if (event.event === 'ran') return 'no such thing';
  if (event.event === 'fired') {
    const dueJiffies = pending.get(event.timer);
    pending.delete(event.timer);
    return dueJiffies !== undefined && dueJiffies <= event.atJiffies;
  }
  const [name, timer, delayJiffies] = event.call;
  if (name === 'mod_timer') {
    const was = pending.has(timer);
    pending.set(timer, event.atJiffies + delayJiffies);
    return was ? 1 : 0;
  }
  if (name === 'del_timer' || name === 'del_timer_sync') return pending.delete(timer) ? 1 : 0;
  // It answers -1 while the handler runs, which no order of the calls tells.
  if (name === 'try_to_del_timer_sync') return event.answer === -1 ? -1 : pending.delete(timer) ? 1 : 0;
  return event.answer;
}

function agreesWithModel(history: readonly HistoryEvent[]): void {
  const pending: Pending = new Map();
  for (const event of history) {
    const expected = answerOf(pending, event);
    expect({ ...event, answer: event.event === 'called' ? event.answer : true }).toEqual({
      ...event,
      answer: expected,
    });
  }
  expect(pending.size, 'timers that never fired').toBe(0);
}

function runsAsQueued(history: readonly HistoryEvent[]): void {
  const due = new Map<number, number>();
  const add = (work: number, by: number) => due.set(work, (due.get(work) ?? 0) + by);
  for (const event of history) {
    if (event.event === 'ran') add(event.work, -1);
    if (event.event !== 'called') continue;
    const { call, answer } = event;
    if (call[0] === 'schedule_delayed_work') add(call[1], answer as number);
    if (call[0] === 'cancel_delayed_work' || call[0] === 'cancel_delayed_work_sync') add(call[1], -(answer as number));
  }
  for (const [work, left] of due) expect(left, `runs of work ${work} that are missing`).toBe(0);
}

describe('timers', () => {
  const calls = fc.oneof({ weight: 4, arbitrary: timerCall() }, waitCall());

  it('answer as the model does, and fire when it says', () => {
    fc.assert(
      fc.property(scheduled(workload({ calls })), ([tasks, schedule]) => {
        assertHolds(workloadProgram(tasks, { check: agreesWithModel }), schedule);
      }),
      { numRuns: 500 },
    );
  });
});

describe('delayed works', () => {
  const moves = (call: readonly unknown[]) => call[0] === 'mod_delayed_work';
  const calls = fc.oneof({ weight: 4, arbitrary: workCall().filter((call) => !moves(call)) }, waitCall());

  it('run as often as they were queued and not cancelled', () => {
    fc.assert(
      fc.property(scheduled(workload({ calls })), ([tasks, schedule]) => {
        assertHolds(workloadProgram(tasks, { check: runsAsQueued }), schedule);
      }),
      { numRuns: 500 },
    );
  });
});
