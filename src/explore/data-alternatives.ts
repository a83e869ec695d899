/** The data choices of one step that have been explored, and those that are still to be. */

/** Data choices that were made, and how many possibilities each had. */
export interface Drawn {
  readonly data: readonly number[];
  readonly bounds: readonly number[];
}

export class DataAlternatives {
  private readonly seen: (readonly number[])[] = [];
  private readonly open: (readonly number[])[] = [];

  explored(drawn: Drawn): void {
    const { data, bounds } = drawn;
    this.seen.push(data.slice());
    for (let at = 0; at < data.length; at++) {
      for (let value = 0; value < bounds[at]!; value++) {
        const start = [...data.slice(0, at), value];
        if (!begins(this.seen, start) && !begins(this.open, start)) this.open.push(start);
      }
    }
  }

  /** The first choices of a step that was not explored yet; null if there is none. */
  next(): readonly number[] | null {
    for (let start = this.open.pop(); start !== undefined; start = this.open.pop()) {
      if (!begins(this.seen, start)) return start;
    }
    return null;
  }
}

function begins(list: readonly (readonly number[])[], start: readonly number[]): boolean {
  return list.some((data) => start.every((value, at) => data[at] === value));
}
