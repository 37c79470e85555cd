import { fileURLToPath } from 'node:url';
import { StartError } from '../kit/program.ts';
import type { Environment } from '../kit/settings.ts';
import type { Department } from '../kit/subgraph.ts';
import { Analysis } from './analysis.ts';
import { openDuckDbStore } from './duckdb-store.ts';
import { openPostgresStore } from './postgres-store.ts';
import { createContext, resolvers } from './resolvers.ts';
import { readRules } from './rule-file.ts';
import type { AnalysisStore } from './store.ts';

/**
 * The analysis department: what dispatches bring it, and what its rules find in that. Settings: `DATABASE_URL` (tables in the schema
 * `analysis`), or `ANALYSIS_DUCKDB_FILE` for an embedded database in a file of this process alone; `ANALYSIS_TIMEOUT_MS` (a client's
 * statement, default 3000), `ANALYSIS_RULE_TIMEOUT_MS` (a statement over everything, default 300000).
 */
export const analysis: Department = {
  name: 'analysis',
  port: 4117,
  schemaFile: new URL('../../schema/analysis.graphql', import.meta.url),
  async open(env) {
    const rules = readRules(fileURLToPath(new URL('rules', import.meta.url)));
    const store = await openStore(env);
    try {
      const opened = await Analysis.open(store, rules);
      return { resolvers, createContext: () => createContext(opened), close: () => store.close() };
    } catch (error) {
      await store.close();
      throw error;
    }
  },
};

function openStore(env: Environment): Promise<AnalysisStore> {
  const { DATABASE_URL: databaseUrl, ANALYSIS_DUCKDB_FILE: file } = env;
  if (file) return openDuckDbStore({ file });
  if (!databaseUrl)
    throw new StartError('DATABASE_URL is not set; it must be a postgres:// URL, or ANALYSIS_DUCKDB_FILE a file');
  return openPostgresStore({
    databaseUrl,
    timeoutMs: readMs(env, 'ANALYSIS_TIMEOUT_MS', 3_000),
    ruleTimeoutMs: readMs(env, 'ANALYSIS_RULE_TIMEOUT_MS', 300_000),
  });
}

function readMs(env: Environment, name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const ms = Number(text);
  if (Number.isInteger(ms) && ms >= 1 && ms <= 3_600_000) return ms;
  throw new StartError(`${name} is "${text}"; it must be whole milliseconds from 1 to 3600000`);
}
