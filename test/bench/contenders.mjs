/** What others do in the place of ours: @sinonjs/fake-timers, simscript, and a bare fastpriorityqueue loop. */
import FakeTimers from '@sinonjs/fake-timers';
import FastPriorityQueue from 'fastpriorityqueue';
import simscript from 'simscript';

export const newClock = () => FakeTimers.createClock(0, Number.POSITIVE_INFINITY);

/** `actors` chains of timeouts, `count` in all. */
export function fakeTimersChains(actors, count) {
  const clock = newClock();
  let left = count;
  const next = () => {
    if (--left >= actors) clock.setTimeout(next, 1);
  };
  for (let i = 0; i < actors; i++) clock.setTimeout(next, 1);
  while (left > 0) clock.tick(1000);
  return count;
}

/** `actors` entities that each wait and wait again, `count` times in all. */
export function simscriptEntities(actors, count) {
  class Actor extends simscript.Entity {
    async script() {
      for (let i = 0; i < count / actors; i++) await this.delay(1);
    }
  }
  class Chains extends simscript.Simulation {
    onStarting(e) {
      super.onStarting(e);
      for (let i = 0; i < actors; i++) this.activate(new Actor());
    }
  }
  const simulation = new Chains();
  // It would hand over to the browser in between.
  simulation.yieldInterval = Number.POSITIVE_INFINITY;
  return new Promise((resolve) => {
    simulation.finished.addEventListener(() => resolve(count));
    simulation.start(true);
  });
}

export const newSimulation = () => new simscript.Simulation();

export const newHeap = () => new FastPriorityQueue((a, b) => a.at < b.at);

/** The hold model: take the first, put it back later; `actors` in the heap. */
export function heapHold(actors, count) {
  const heap = newHeap();
  for (let i = 0; i < actors; i++) heap.add({ at: i });
  for (let i = 0; i < count; i++) {
    const first = heap.poll();
    first.at += actors;
    heap.add(first);
  }
  return count;
}
