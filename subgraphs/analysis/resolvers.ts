import DataLoader from 'dataloader';
import { badInput, checkFirst } from '../kit/faults.ts';
import type { Resolvers } from '../kit/sdl-files.ts';
import type { Analysis } from './analysis.ts';
import type { Term, TermSource } from './examine.ts';
import { findChecks, findFindings, listFindings, type Finding, type FindingState, type LastCheck } from './findings.ts';
import { listRules, type PublishedRule } from './publish-rules.ts';

interface Context {
  analysis: Analysis;
  rules: DataLoader<string, PublishedRule | null>;
  finding: DataLoader<string, Finding | null>;
  /** By type and key of the subject. */
  findingsOf: DataLoader<Subject, Finding[], string>;
  checkOf: DataLoader<Subject, LastCheck | null, string>;
}

interface Subject {
  type: string;
  key: string;
}

const MAX_FINDINGS = 500;

/** One request's loaders over the department's store. */
export function createContext(analysis: Analysis): Record<string, unknown> {
  const { query } = analysis.store;
  const context: Context = {
    analysis,
    rules: new DataLoader(async (names) => {
      const rules = new Map((await listRules(query)).map((rule) => [nameOf(rule), rule]));
      return names.map((name) => rules.get(name) ?? null);
    }),
    finding: new DataLoader(async (ids) => {
      const found = new Map((await findFindings(query, { ids })).map((finding) => [finding.id, finding]));
      return ids.map((id) => found.get(id) ?? null);
    }),
    findingsOf: subjectLoader(async (type, subjects) => {
      const found = Map.groupBy(await findFindings(query, { type, subjects }), ({ subjectKey }) => subjectKey);
      return (subject) => found.get(subject) ?? [];
    }),
    checkOf: subjectLoader(async (type, subjects) => {
      const found = new Map((await findChecks(query, type, subjects)).map((check) => [check.subjectKey, check]));
      return (subject) => found.get(subject) ?? null;
    }),
  };
  return { ...context };
}

/** Asks for subjects of one type in one statement. */
function subjectLoader<Value>(
  find: (type: string, subjects: readonly string[]) => Promise<(subject: string) => Value>,
): DataLoader<Subject, Value, string> {
  return new DataLoader(
    async (subjects) => {
      const byType = Map.groupBy(subjects, ({ type }) => type);
      const found = new Map<string, (subject: string) => Value>();
      for (const [type, of] of byType)
        found.set(
          type,
          await find(
            type,
            of.map(({ key }) => key),
          ),
        );
      return subjects.map(({ type, key }) => found.get(type)!(key));
    },
    { cacheKeyFn: ({ type, key }) => `${type} ${key}` },
  );
}

interface FindingArguments {
  rule?: string | null;
  state?: FindingState | null;
  first?: number | null;
  after?: string | null;
}

/** The department's resolvers. */
export const resolvers: Resolvers = {
  Query: {
    findings: (_: unknown, { first, ...question }: FindingArguments, { analysis }: Context) =>
      listFindings(analysis.store.query, {
        ...question,
        first: checkFirst(first, { fallback: 20, max: MAX_FINDINGS }),
      }),
    finding: (_: unknown, { id }: { id: string }, { finding }: Context) => finding.load(id),
    analysisRules: (_: unknown, __: unknown, { analysis }: Context) => listRules(analysis.store.query),
  },
  Mutation: {
    runAnalysis(_: unknown, { rule }: { rule?: string | null }, { analysis }: Context) {
      if (rule && !analysis.has(rule)) throw badInput(`There is no rule ${rule}; analysisRules lists them.`);
      return analysis.run(rule ?? undefined);
    },
  },
  Finding: {
    __resolveReference: ({ id }: { id: string }, { finding }: Context) => finding.load(id),
    rule: ({ rule, version }: Finding, _: unknown, { rules }: Context) => rules.load(nameOf({ id: rule, version })),
    subject: ({ subjectType, subjectKey }: Finding) => recordOf(subjectType, subjectKey),
    supersededBy: ({ supersededBy }: Finding, _: unknown, { finding }: Context) =>
      supersededBy === null ? null : finding.load(supersededBy),
  },
  AnalysisRule: {
    __resolveReference: (rule: Pick<PublishedRule, 'id' | 'version'>, { rules }: Context) => rules.load(nameOf(rule)),
  },
  FindingSource: {
    record: ({ recordType, recordId }: TermSource) => recordOf(recordType, recordId),
  },
  Enterprise: {
    __resolveReference: (enterprise: { uscc: string }) => enterprise,
    findings: ({ uscc }: { uscc: string }, _: unknown, { findingsOf }: Context) =>
      findingsOf.load({ type: 'Enterprise', key: uscc }),
  },
  BulletinFigure: {
    __resolveReference: (figure: { figureId: string }) => figure,
    findings: ({ figureId }: { figureId: string }, _: unknown, { findingsOf }: Context) =>
      findingsOf.load({ type: 'BulletinFigure', key: figureId }),
    async recomputation({ figureId }: { figureId: string }, _: unknown, { checkOf }: Context) {
      const check = await checkOf.load({ type: 'BulletinFigure', key: figureId });
      return check && recomputationOf(check);
    },
  },
  Recomputation: {
    rule: ({ rule, version }: LastCheck, _: unknown, { rules }: Context) => rules.load(nameOf({ id: rule, version })),
  },
};

function recomputationOf(check: LastCheck): object {
  const termOf = (name: string): Term => check.terms.find((term) => term.name === name)!;
  const [published, recomputed] = [termOf('published'), termOf('recomputed')];
  return {
    ...check,
    published: published.value,
    recomputed: recomputed.value,
    // To hundredths, as both numbers are.
    difference: Math.round((recomputed.value! - published.value!) * 100) / 100,
    unit: published.unit,
    agrees: !check.holds,
    records: recomputed.rows,
  };
}

/** The key field of each type that a finding leads to. */
const KEY_FIELDS: Readonly<Record<string, string>> = {
  Enterprise: 'uscc',
  Taxpayer: 'taxpayerId',
  InsuredUnit: 'unitNo',
  PowerCustomer: 'customerNo',
  BulletinFigure: 'figureId',
};

function recordOf(type: string, key: string): Record<string, string> | null {
  const field = KEY_FIELDS[type];
  return field === undefined ? null : { __typename: type, [field]: key };
}

function nameOf({ id, version }: Pick<PublishedRule, 'id' | 'version'>): string {
  return `${id} ${version}`;
}
