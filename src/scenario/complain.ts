/** Errors found once the form of a file is right: each gets the place of what it is about. */
import { InputError } from '../sim/errors.js';
import type { Path, YamlSource } from './read/yaml.js';

export class Complaints {
  private readonly source: YamlSource;
  private readonly suffix: string;

  /** `variant`: the errors are of this variant of the file. */
  constructor(source: YamlSource, variant?: string) {
    this.source = source;
    this.suffix = variant === undefined ? '' : ` (variant '${variant}')`;
  }

  fail(path: Path, message: string, which: 'key' | 'value' = 'value'): never {
    throw new InputError(message + this.suffix, { place: this.source.placeOf(path, which) });
  }

  /** Runs `get`; an InputError without a place gets that of the path. */
  placed<T>(path: Path, get: () => T): T {
    try {
      return get();
    } catch (error) {
      if (error instanceof InputError && error.place === undefined) this.fail(path, error.message);
      throw error;
    }
  }

  /** CPUs are numbered from 0. */
  checkCpu(cpu: number, cpus: number, path: Path): void {
    if (cpu >= cpus) this.fail(path, `there is no CPU ${cpu}: the machine has ${cpus}, numbered from 0`);
  }
}
