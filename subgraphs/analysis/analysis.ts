import { examine } from './examine.ts';
import { keepChecks, keepFindings, type RuleRun } from './findings.ts';
import { publishRules } from './publish-rules.ts';
import type { AnalysisRule } from './rule-file.ts';
import type { AnalysisStore } from './store.ts';

/** The department at work: its rules over what dispatches brought. */
export class Analysis {
  readonly store: AnalysisStore;
  readonly #rules: readonly AnalysisRule[];

  private constructor(store: AnalysisStore, rules: readonly AnalysisRule[]) {
    this.store = store;
    this.#rules = rules;
  }

  /** Publishes the rules and takes them for its own. @throws StartError as {@link publishRules} does */
  static async open(store: AnalysisStore, rules: readonly AnalysisRule[]): Promise<Analysis> {
    await store.alone((query) => publishRules(rules, query));
    return new Analysis(store, rules);
  }

  /** Whether there is such a rule. */
  has(rule: string): boolean {
    return this.#rules.some(({ id }) => id === rule);
  }

  /** Fuses what was delivered, and runs a rule over it, or all, each wholly or not at all. */
  async run(only?: string): Promise<RuleRun[]> {
    await this.store.fuse();
    const runs: RuleRun[] = [];
    for (const rule of this.#rules.filter(({ id }) => only === undefined || id === only)) {
      const startedMs = performance.now();
      const run = await this.store.alone(async (query) => {
        const examined = await examine(rule, query);
        if (rule.finds === 'BulletinFigure') await keepChecks(rule, examined, query);
        return keepFindings(rule, examined, query);
      });
      runs.push({ ...run, elapsedMs: Math.round(performance.now() - startedMs) });
    }
    return runs;
  }
}
