import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runConformance } from '../../../src/scenario/conform/index.js';

const text = readFileSync(new URL('../../golden/route-gc.json', import.meta.url), 'utf8');
const cases = JSON.parse(text) as { name: string; version: string; ops: { op: string; [field: string]: unknown }[] }[];

describe('route-gc.json', () => {
  it.each(cases.map((golden) => [golden.name, golden.version, golden] as const))(
    '%s on %s',
    (_name, _version, golden) => {
      const result = runConformance(JSON.stringify([golden]), 'route-gc.json');
      expect(result.firstMismatch).toBeNull();
      expect(result.passed).toBe(1);
    },
  );

  it('finds a record that is off', () => {
    const golden = structuredClone(cases.find((c) => c.ops.some((op) => op.op === 'gc'))!);
    const at = golden.ops.findIndex((op) => op.op === 'gc');
    (golden.ops[at]!['gc'] as { rover: number }[])[0]!.rover++;
    const { firstMismatch } = runConformance(JSON.stringify([golden]), 'route-gc.json');
    expect(firstMismatch).toMatchObject({ op: at, field: 'gc' });
  });

  it('says that it does not know other versions and operations', () => {
    const [first] = cases;
    const unsupported = (changes: object): number =>
      runConformance(JSON.stringify([{ ...first, ...changes }]), 'route-gc.json').unsupported;
    expect(unsupported({ version: '2.6.18' })).toBe(1);
    expect(unsupported({ rcu: 'never' })).toBe(1);
    expect(unsupported({ ops: [{ op: 'explode' }] })).toBe(1);
  });
});
