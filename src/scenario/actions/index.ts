/** The vocabulary: every action a scenario can write, by name. */
import { z } from 'zod';
import { oneKeyOf } from '../read/one-key-of.js';
import type { Step } from '../steps.js';
import { cpu, delay, smallCount } from './arguments.js';
import { bulkActions } from './bulk.js';
import type { ActionDefinition } from './define.js';
import { deviceActions } from './devices.js';
import { dstActions } from './dst.js';
import { familyActions } from './families.js';
import { lockActions } from './locks.js';
import { machineActions, repeatAction } from './machine.js';
import { memoryActions } from './memory.js';
import { namespaceActions } from './namespaces.js';
import { requestActions } from './requests.js';
import { routeActions } from './routes.js';
import { timeActions } from './time.js';
import { timerActions } from './timers.js';
import { workActions } from './works.js';

const lazySteps: z.ZodType<Step> = z.lazy(() => stepSchema);

export const actions: Readonly<Record<string, ActionDefinition>> = {
  ...timerActions,
  ...workActions,
  ...dstActions,
  ...bulkActions,
  ...deviceActions,
  ...namespaceActions,
  ...familyActions,
  ...memoryActions,
  ...requestActions,
  ...routeActions,
  ...lockActions,
  ...timeActions,
  ...machineActions,
  repeat: repeatAction(lazySteps),
};

const common = {
  at: delay.optional().meta({ description: 'not before this time since boot' }),
  after: delay.optional().meta({ description: 'so long after the step before it' }),
  cpu: cpu.optional().meta({ description: 'another CPU performs it, now' }),
  times: smallCount.optional().meta({ description: 'only the first so many times it is reached' }),
};

/** A step: one action, with `at`, `after`, `cpu`, `times` beside it. */
export const stepSchema: z.ZodType<Step> = oneKeyOf(
  Object.fromEntries(Object.entries(actions).map(([name, action]) => [name, action.schema])),
  { noun: 'action', common },
).transform((entry) => toStep(entry as Record<string, unknown>)) as unknown as z.ZodType<Step>;

const commonNames = Object.keys(common);

function toStep(entry: Record<string, unknown>): Step {
  const { kind, value, ...rest } = entry;
  // An unknown action does not stop zod from coming here; it has been reported.
  if (typeof kind !== 'string') return { kind: '', args: {} };
  const step: Record<string, unknown> = { kind };
  for (const key of commonNames) {
    if (rest[key] !== undefined) step[key] = rest[key];
    delete rest[key];
  }
  // Actions whose argument is one value get that value; the others a mapping.
  if (!isMapping(actions[kind]!.schema)) step['args'] = value;
  else step['args'] = value === undefined ? rest : { ...rest, value };
  return step as unknown as Step;
}

function isMapping(schema: z.ZodType): boolean {
  return schema instanceof z.ZodObject;
}
