/** `jiffies bisect`: which commit made the bug go, and which brought it, over all revisions. */
import type { BisectResult, Fix, Scenario } from '../../scenario/index.js';
import { InputError } from '../../sim/errors.js';
import type { Cli, Command } from '../command.js';
import { openFix } from '../fix.js';
import { printJson } from '../format/json.js';
import { progressOf } from '../format/progress.js';
import { json, withFix } from '../options.js';
import { openScenario } from '../scenarios.js';
import { schemaNames } from '../schema-names.js';
import { bisectPage } from '../views/bisect.js';

interface Arguments {
  readonly scenario: string;
  readonly with?: string;
  readonly json?: boolean;
}

export const bisect: Command<Arguments> = {
  name: 'bisect',
  describe: 'Find the commit that makes the bug of a scenario go, and the one that brought it',
  positionals: [{ name: 'scenario', describe: 'Name of a scenario, or a path', required: true, value: 'scenario' }],
  options: { with: withFix, json },
  examples: [
    ['bisect 2008-09-delayed-work-not-rescheduled', 'Names f262b59, by the symptom alone'],
    ['bisect 2008-09-delayed-work-not-rescheduled --with ./my-fix.mjs', 'Where it shows with a fix of your own'],
  ],
  epilogue:
    'The verdict is that of the bug: predicate; the fixing commit that the file names is not read for it.\nExit status 1 if the two are not the same commit; with a fix of your own, if the bug shows at any revision.',
  run: async ({ scenario: name, json: asJson, with: path }, cli) => {
    const scenario = openScenario(name, cli);
    if (!scenario.hasBug) throw new InputError(`${scenario.file}: ${scenario.name} has no bug: predicate to bisect by`);
    const fix = await openFix(path, cli.io);
    const result = withProgress(scenario, fix, cli);
    if (asJson === true) {
      const { commit, introducedBy, tested } = result;
      const named = result.with === undefined ? {} : { with: result.with };
      printJson(cli.io, schemaNames.bisect, { scenario: result.scenario, commit, introducedBy, tested, ...named });
    } else cli.io.out(bisectPage(result, scenario, name, cli.io));
    if (fix !== undefined) return result.tested.some(({ reproduced }) => reproduced) ? 1 : 0;
    return scenario.fixedBy === null || result.commit?.id === scenario.fixedBy.id ? 0 : 1;
  },
};

function withProgress(scenario: Scenario, fix: Fix | undefined, { io, engine }: Cli): BisectResult {
  const progress = progressOf(io);
  let tested = 0;
  try {
    progress.show(`${scenario.name}: bisecting`);
    return engine.bisectScenario(scenario, {
      with: fix,
      onTested: (revision) => progress.show(`${scenario.name}: ${++tested} tested, at ${revision.name}`),
    });
  } finally {
    progress.end();
  }
}
