/**
 * Random draws for strategies: the sfc32 generator (Doty-Humphrey, PractRand), seeded from a seed and a run number, so
 * that any run can be drawn again by itself. Building one of seedrandom's streams would take as long as a small run.
 */
import { stallName } from '../smp/time-choice.js';

export class Draw {
  private a = 0;
  private b = 0;
  private c = 0;
  private counter = 1;

  /** Starts again at the beginning of a stream. */
  seed(seed: number, run: number): void {
    this.a = seed | 0;
    this.b = Math.floor(seed / 0x100000000) | 0;
    this.c = run | 0;
    this.counter = 1;
    for (let i = 0; i < 12; i++) this.next();
  }

  /** A whole number of 32 bits, signed. */
  next(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum;
  }

  /** A data choice: uniform; but of stalls every other one is none, and the others are log-uniform. */
  data(name: string, bound: number): number {
    return name === stallName ? this.stall(bound) : this.below(bound);
  }

  private stall(bound: number): number {
    if (bound === 1) return 0;
    const octaves = 32 - Math.clz32(bound - 1);
    const octave = this.below(2 * octaves);
    if (octave >= octaves) return 0;
    const low = 2 ** octave;
    return low + this.below(Math.min(low, bound - low));
  }

  /** Uniform whole number in [0, bound), `bound` up to 2^32. */
  below(bound: number): number {
    return Math.floor(((this.next() >>> 0) * bound) / 0x100000000);
  }
}
