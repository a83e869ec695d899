import { describe, expect, it } from 'vitest';
import { DataAlternatives } from '../../src/explore/data-alternatives.js';
import { type GraphNode, graphOf, restoreGraph } from '../../src/explore/object-graph.js';
import { RunMaker } from '../../src/explore/run-maker.js';
import { type SearchOptions, strategyOf } from '../../src/explore/search.js';
import { strategyNames } from '../../src/explore/strategies.js';
import { iriw, lastzero, philosophers, popl, wcas } from './programs.js';

const copied = (nodes: readonly GraphNode[]): readonly GraphNode[] => JSON.parse(JSON.stringify(nodes));

describe('what a strategy knows', () => {
  it.each([
    ['philosophers(3)', philosophers(3)],
    ['lastzero(4)', lastzero(4)],
    ['popl', popl],
    ['iriw', iriw],
    ['wcas(4)', wcas(4)],
  ])('goes through JSON at any run of %s, and the search goes on as it would have', (_name, program) => {
    for (const strategy of strategyNames) {
      // A sanitizer tells each race once, a new one again.
      const options: SearchOptions = { strategy, keepGoing: true, sanitize: 'off' };
      const whole = new RunMaker(program, options, strategyOf(options));
      let maker = new RunMaker(program, options, strategyOf(options));
      for (let number = 0; number < 120; number++) {
        // A new one takes over after each few runs.
        if (number % 7 === 3) {
          const nodes = copied(graphOf(maker.strategy));
          maker = new RunMaker(program, options, strategyOf(options));
          restoreGraph(maker.strategy, nodes);
        }
        const wanted = whole.make(number);
        const { failing: _, ...told } = { ...wanted };
        const { failing: __, ...got } = { ...maker.make(number) };
        expect({ strategy, number, ...got }).toEqual({ strategy, number, ...told });
        if (wanted === null) break;
      }
    }
  });

  it('keeps numbers that JSON has not, and who refers to whom', () => {
    const draw = strategyOf({ strategy: 'random' });
    const shared = { of: 'two' };
    Object.assign(draw, {
      odd: [Number.NaN, Number.POSITIVE_INFINITY, -0, undefined, null],
      left: shared,
      right: shared,
    });
    const other = strategyOf({ strategy: 'random' }) as unknown as Record<string, unknown>;
    restoreGraph(other, copied(graphOf(draw)));
    expect(other).toEqual(draw);
    expect(Object.is((other['odd'] as number[])[2], -0)).toBe(true);
    expect(other['left']).toBe(other['right']);
  });

  it('is refused where it does not fit', () => {
    const fresh = () => strategyOf({ strategy: 'dfs' });
    expect(() => restoreGraph(fresh(), graphOf(strategyOf({ strategy: 'random' })))).toThrow(
      'it holds the state of a RandomWalk, not of a DepthFirst',
    );
    expect(() => restoreGraph(fresh(), [['DepthFirst', 'path', [7]]])).toThrow('it refers to object 7 of 1');
    expect(() => restoreGraph(fresh(), [['DepthFirst', 'path', [1]], ['Function']])).toThrow('it holds a Function');
    expect(() => graphOf(Object.assign(new DataAlternatives(), { seen: () => 1 }))).toThrow('a function in what');
    expect(() => graphOf(Object.assign(new DataAlternatives(), { seen: /a/ }))).toThrow('a RegExp in what');
  });

  it('changes no prototype', () => {
    const nodes: GraphNode[] = [
      ['DepthFirst', '__proto__', [1]],
      ['object', 'polluted', true],
    ];
    const target = strategyOf({ strategy: 'dfs' });
    restoreGraph(target, nodes);
    expect(target.begin(0)).toBe(true);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
