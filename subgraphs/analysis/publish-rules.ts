import { StartError } from '../kit/program.ts';
import type { AnalysisRule } from './rule-file.ts';
import type { Query } from './store.ts';

/** A version of a rule, as it was published. */
export interface PublishedRule {
  id: string;
  version: number;
  title: string;
  text: string;
  finds: string;
  parameters: { name: string; value: number; unit: string; text: string }[];
  statement: string;
  hash: string;
  publishedAt: string;
}

/**
 * Publishes the versions of rules that are new. What was published stays as it was, so that a finding can always be checked
 * against the rule that it was found by.
 * @throws StartError where a rule says something else than was published under its version, or is an older version
 */
export async function publishRules(rules: readonly AnalysisRule[], query: Query): Promise<void> {
  const published = await query<{ id: string; version: number; hash: string }>(
    'select id, version, hash from published_rule',
  );
  for (const rule of rules) {
    const versions = published.filter(({ id }) => id === rule.id);
    const newest = Math.max(0, ...versions.map(({ version }) => version));
    const same = versions.find(({ version }) => version === rule.version);
    if (rule.version < newest)
      throw new StartError(`rule ${rule.id}: version ${newest} was published, and this is ${rule.version}`);
    if (same && same.hash !== rule.hash)
      throw new StartError(
        `rule ${rule.id}: version ${rule.version} was published with another text; raise the version`,
      );
    if (!same) await insertRule(rule, query);
  }
}

async function insertRule(rule: AnalysisRule, query: Query): Promise<void> {
  const { id, version, title, text, finds, parameters, statement, hash } = rule;
  await query('insert into published_rule values ($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
    ...[id, version, title, text, finds],
    JSON.stringify(Object.entries(parameters).map(([name, said]) => ({ name, ...said }))),
    ...[statement, hash, new Date().toISOString()],
  ]);
}

const COLUMNS = 'id, version, title, text, finds, parameters, statement, hash, published_at';

/** Every version, by id, the newest first. */
export async function listRules(query: Query): Promise<PublishedRule[]> {
  const rows = await query<RuleRow>(`select ${COLUMNS} from published_rule order by id, version desc`);
  return rows.map(({ parameters, published_at: publishedAt, ...rule }) => ({
    ...rule,
    publishedAt,
    parameters: JSON.parse(parameters) as PublishedRule['parameters'],
  }));
}

interface RuleRow extends Omit<PublishedRule, 'parameters' | 'publishedAt'> {
  parameters: string;
  published_at: string;
}
