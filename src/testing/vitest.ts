/**
 * `jiffies/vitest`: matchers for programs. Import it once, in a test file or in a setup file of vitest:
 * `expect(program).toHold()`, `toHoldExhaustively()`, `toHoldUnder(token)`, `toFailUnder(token)`.
 */
import { expect } from 'vitest';
import { type RaceMatchers, raceMatchers } from './matchers.js';

export type { FailUnderOptions, HoldUnderOptions, RaceMatchers } from './matchers.js';
export { raceMatchers } from './matchers.js';

declare module 'vitest' {
  interface Matchers<T = any> extends RaceMatchers<T> {}
}

expect.extend(raceMatchers);
