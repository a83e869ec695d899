/** What the checkpoint of a shard says of it for `jiffies merge`, which has neither the program nor the scenario. */
import { z } from 'zod';
import type { ExploreResult } from '../../explore/explore.js';
import type { NamedCheckpoint } from '../../explore/merge.js';
import { InputError } from '../../sim/errors.js';
import type { ShownSubject } from '../views/explore.js';

export interface Told {
  readonly subject: ShownSubject;
  readonly result: ExploreResult;
}

const text = z.string().nullable();
const failure = z.looseObject({ kind: z.string(), message: z.string(), token: z.string(), report: z.string() });
const shape = z.looseObject({
  subject: z.looseObject({
    name: z.string(),
    revision: text,
    kernel: text,
    file: z.string(),
    variant: text,
    with: text,
  }),
  result: z.looseObject({
    strategy: z.string(),
    seed: z.number(),
    exhaustive: z.boolean(),
    searchesAll: z.boolean(),
    failure: failure.nullable(),
    findings: z.array(z.looseObject({ message: z.string(), run: z.number() })),
  }),
});

export function toldOf(result: ExploreResult, subject: ShownSubject): Told {
  return { subject, result };
}

/** Throws InputError for a checkpoint that does not say it. */
export function readTold({ file, checkpoint }: NamedCheckpoint): Told {
  const told = shape.safeParse(checkpoint.result);
  if (told.success) return told.data as unknown as Told;
  throw new InputError(`${file}: the checkpoint says nothing of a result: its shard did not end by itself`);
}
