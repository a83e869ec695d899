import { describe, expect, it } from 'vitest';
import * as library from '../src/index.js';

describe('the public library', () => {
  it('exports what it says and nothing else', () => {
    expect(Object.keys(library).sort()).toMatchSnapshot();
  });

  it('runs a small kernel', () => {
    const { Kernel, TimedScheduler, Timer, mod_timer } = library;
    const kernel = new Kernel({ kernel: '2.6.24', cpus: 1, hz: 250 }, new TimedScheduler());
    const fired: number[] = [];
    const timer = new Timer(kernel, 'mine', () => {
      fired.push(kernel.now);
    });
    const start = kernel.now;
    function* arm(): library.K {
      yield mod_timer(timer, kernel.addJiffies(kernel.now, 25));
    }
    kernel.machine.spawn('arm', 0, arm());
    kernel.machine.runUntil(1_000_000_000);
    expect(fired.map((jiffies) => jiffies - start)).toEqual([25]);
  });

  it('runs a scenario', () => {
    const text = library.newScenarioText('first');
    const scenario = library.loadScenario(new TextEncoder().encode(text), 'first.yaml');
    expect(library.runScenario(scenario).ok).toBe(true);
  });
});
