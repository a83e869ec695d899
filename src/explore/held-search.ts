/**
 * Depth-first search under a bound of preemptions with the data held as a plan has it: where the data cannot all be tried,
 * what the tasks do at least stays what it is.
 */
import { DepthFirst } from './depth-first.js';
import { type Drawn, Held } from './plan.js';

export class HeldSearch extends DepthFirst {
  private readonly data: readonly Drawn[];
  private readonly owner: () => number;
  private held: Held;

  /** `owner`: who draws now. */
  constructor(preemptionBound: number, data: readonly Drawn[], owner: () => number) {
    super(preemptionBound);
    this.data = data;
    this.owner = owner;
    this.held = new Held(data, owner);
    this.stallJiffiesMax = Number.POSITIVE_INFINITY;
  }

  override begin(run: number): boolean {
    this.held = new Held(this.data, this.owner);
    return super.begin(run);
  }

  override choose(name: string, bound: number): number {
    return this.held.draw(name, bound);
  }
}
