import { fileURLToPath } from 'node:url';
import { StartError } from '../kit/program.ts';
import type { Environment } from '../kit/settings.ts';
import type { Department, OpenDepartment } from '../kit/subgraph.ts';
import { Analysis } from './analysis.ts';
import { folderIntake } from './duckdb-intake.ts';
import { openDuckDbStore } from './duckdb-store.ts';
import { DeliveryWatch, postgresIntake, type Intake } from './intake.ts';
import { openPostgresStore } from './postgres-store.ts';
import { createContext, resolvers } from './resolvers.ts';
import { readRules } from './rule-file.ts';
import type { AnalysisStore } from './store.ts';

/**
 * The analysis department: what dispatches bring it, and what its rules find in that. Settings:
 * - `DATABASE_URL`: tables in the schema `analysis`, which a dispatch's receiver fills;
 * - or `ANALYSIS_DUCKDB_FILE`, an embedded database in a file of this process alone, with `ANALYSIS_DROP_FOLDER`, where dispatches
 *   put CSV files;
 * - `ANALYSIS_LOOK_EVERY_MS` (how often is looked for deliveries, default 1000), `ANALYSIS_TIMEOUT_MS` (a client's statement, default
 *   3000), `ANALYSIS_RULE_TIMEOUT_MS` (a statement over everything, default 300000).
 */
export const analysis: Department = {
  name: 'analysis',
  port: 4117,
  schemaFile: new URL('../../schema/analysis.graphql', import.meta.url),
  async open(env) {
    const rules = readRules(fileURLToPath(new URL('rules', import.meta.url)));
    const { store, intake } = await openStore(env);
    try {
      return serve(await Analysis.open(store, rules), await intake(), env);
    } catch (error) {
      await store.close();
      throw error;
    }
  },
};

function serve(opened: Analysis, intake: Intake, env: Environment): OpenDepartment {
  const everyMs = readMs(env, 'ANALYSIS_LOOK_EVERY_MS', 1_000);
  const watch = new DeliveryWatch(intake, { run: () => opened.run(), everyMs });
  return {
    resolvers,
    createContext: () => createContext(opened),
    stats: () => ({ analysis: watch.state }),
    async close() {
      await watch.close();
      await opened.store.close();
    },
  };
}

async function openStore(env: Environment): Promise<{ store: AnalysisStore; intake(): Promise<Intake> }> {
  const { DATABASE_URL: databaseUrl, ANALYSIS_DUCKDB_FILE: file, ANALYSIS_DROP_FOLDER: folder } = env;
  if (file) {
    if (!folder) throw new StartError('ANALYSIS_DROP_FOLDER is not set; it must be where dispatches put their files');
    const store = await openDuckDbStore({ file });
    return { store, intake: () => folderIntake(store, folder) };
  }
  if (!databaseUrl)
    throw new StartError('DATABASE_URL is not set; it must be a postgres:// URL, or ANALYSIS_DUCKDB_FILE a file');
  const store = await openPostgresStore({
    databaseUrl,
    timeoutMs: readMs(env, 'ANALYSIS_TIMEOUT_MS', 3_000),
    ruleTimeoutMs: readMs(env, 'ANALYSIS_RULE_TIMEOUT_MS', 300_000),
  });
  return { store, intake: () => Promise.resolve(postgresIntake(store)) };
}

function readMs(env: Environment, name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const ms = Number(text);
  if (Number.isInteger(ms) && ms >= 1 && ms <= 3_600_000) return ms;
  throw new StartError(`${name} is "${text}"; it must be whole milliseconds from 1 to 3600000`);
}
