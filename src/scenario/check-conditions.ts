/** What is checked of conditions across a file: that the calls and timers they speak of exist. */
import { didYouMean } from '../sim/errors.js';
import { actions } from './actions/index.js';
import type { Complaints } from './complain.js';
import type { Condition } from './conditions.js';
import type { Path } from './read/yaml.js';

const calls = Object.keys(actions).filter((name) => actions[name]!.recorded);

/** Throws InputError with its place at the first name that does not exist. `timers`: those that the file declares. */
export function checkCondition(
  condition: Condition,
  path: Path,
  timers: readonly string[],
  complaints: Complaints,
): void {
  const here: Path = [...path, condition.kind];
  const check = (noun: string, wanted: string, names: readonly string[], at: Path): void => {
    if (!names.includes(wanted)) complaints.fail(at, `there is no ${noun} '${wanted}'${didYouMean(wanted, names)}`);
  };
  const known = [...timers, 'dst_gc_timer'];
  switch (condition.kind) {
    case 'call':
      check('call', condition.name, calls, [...here, 'name']);
      break;
    case 'timer':
      check('timer', condition.name, known, [...here, 'name']);
      break;
    case 'fired':
      for (const [i, name] of condition.value.entries()) check('timer', name, known, [...here, i]);
      break;
    case 'all':
    case 'any':
      for (const [i, part] of condition.value.entries()) checkCondition(part, [...here, i], timers, complaints);
      break;
    case 'not':
      checkCondition(condition.value, here, timers, complaints);
      break;
  }
}
