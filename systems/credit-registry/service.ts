import { readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { fastify } from 'fastify';
import { buildSchema, GraphQLError } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/fastify';
import type { RunningProgram } from '../../subgraphs/kit/program.ts';
import { listen, readRequired, type ServiceEnvironment } from '../kit/service.ts';
import { openSqliteFile } from '../kit/sqlite-file.ts';

/** What `GET /stats` of the credit registry answers. */
export interface CreditRegistryStats {
  /** GraphQL requests received since the start, refused ones included. */
  requests: number;
}

/** The running credit registry; its `url` is where it answers GraphQL. */
export interface RunningCreditRegistry extends RunningProgram {
  stats: Readonly<CreditRegistryStats>;
}

/** Fifty questions with their codes are under 20 KiB. */
const MAX_BODY_BYTES = 128 * 1024;
const SCHEMA = buildSchema(readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'));

/**
 * Starts the credit registry's own system: GraphQL without federation at `/graphql`, counts at `/stats`.
 *
 * @param env `CREDIT_REGISTRY_DATABASE_FILE` (required; made by `seedCreditRegistry`), `PORT` (default 4216), `HOST` (default
 * `127.0.0.1`)
 * @throws StartError when a setting or the store is wrong
 */
export async function startCreditRegistry(env: ServiceEnvironment): Promise<RunningCreditRegistry> {
  const database = openSqliteFile(
    readRequired(env, 'CREDIT_REGISTRY_DATABASE_FILE', "the path of the credit registry's store"),
  );
  try {
    const stats: CreditRegistryStats = { requests: 0 };
    const app = fastify({ bodyLimit: MAX_BODY_BYTES, requestTimeout: 10_000, forceCloseConnections: 'idle' });
    const handler = createHandler({ schema: SCHEMA, rootValue: createQueries(database) });
    app.get('/stats', () => stats);
    app.post('/graphql', (request, reply) => {
      stats.requests += 1;
      return handler.call(app, request, reply);
    });
    app.addHook('onClose', () => database.close());
    const { url, close } = await listen(app, env, 4216);
    return { url: `${url}/graphql`, stats, close };
  } catch (error) {
    if (database.isOpen) database.close();
    throw error;
  }
}

/** The fields of Query over the store. */
function createQueries(database: DatabaseSync): Record<string, (args: never) => unknown> {
  const files = database.prepare(
    `SELECT file.code, count(number) AS loanCount, ifnull(sum(outstanding), 0) AS outstanding
     FROM file LEFT JOIN loan ON loan.code = file.code WHERE file.code = ? GROUP BY file.code`,
  );
  const flags = database.prepare(
    'SELECT number, kind, raised_on AS raisedOn FROM flag WHERE code = ? ORDER BY raised_on DESC, number',
  );
  const loans = database.prepare(
    `SELECT number, lender, purpose, granted_on AS grantedOn, due_on AS dueOn, principal, outstanding, state
     FROM loan WHERE code = ? ORDER BY granted_on DESC, number LIMIT ?`,
  );
  return {
    creditFile({ code }: { code: string }) {
      const file = files.get(code);
      return file ? { ...file, flags: flags.all(code), synthetic: true } : null;
    },
    loans({ code, first }: { code: string; first: number }) {
      if (first >= 1 && first <= 100) return loans.all(code, first);
      throw new GraphQLError('first must be from 1 to 100');
    },
  };
}
