/**
 * Named streams of pseudo-random numbers (seedrandom's `alea`), each a function of the run's seed and its own name.
 * A stream is built when it is first drawn from, so a run that draws nothing pays nothing.
 *
 * Seeds are NUL-terminated on purpose: seedrandom repeats a string seed cyclically, so '1' and '11' would be one stream.
 */
import seedrandom from 'seedrandom';
import { InternalError } from './errors.js';

/** One stream: uniform draws. */
export class RandomStream {
  private readonly draw: seedrandom.PRNG;

  constructor(seed: number, name: string) {
    this.draw = seedrandom.alea(`${seed}\0${name}\0`);
  }

  /** Uniform whole number in [0, bound). `bound` from 1 to 2^32. */
  below(bound: number): number {
    if (!(bound >= 1 && bound <= 0x100000000)) throw new InternalError(`a draw below ${bound}`);
    if (bound <= 0x10000) return Math.floor(this.draw() * bound);
    // 53 bits keep the bias below 2^-21 for the widest bound.
    return Math.floor(this.draw.double() * bound);
  }

  /** Uniform in [0, 1), 53 bits. */
  unit(): number {
    return this.draw.double();
  }
}

/** The streams of one run. */
export class RandomStreams {
  readonly seed: number;
  private readonly streams = new Map<string, RandomStream>();

  constructor(seed: number) {
    this.seed = seed;
  }

  stream(name: string): RandomStream {
    let stream = this.streams.get(name);
    if (stream === undefined) {
      stream = new RandomStream(this.seed, name);
      this.streams.set(name, stream);
    }
    return stream;
  }
}
