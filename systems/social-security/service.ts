import { readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { fastify, type FastifyInstance } from 'fastify';
import { parse } from 'yaml';
import { z } from 'zod';
import { StartError, type RunningProgram } from '../../subgraphs/kit/program.ts';
import { medianOf } from '../kit/median.ts';
import { listen, readRequired, readWholeNumber, type ServiceEnvironment } from '../kit/service.ts';
import { openSqliteFile } from '../kit/sqlite-file.ts';
import { createTokenBucket } from './token-bucket.ts';

/** What `GET /stats` of the social security system answers. */
export interface SocialSecurityStats {
  /** Requests to `/api` received since the start, whatever they were answered. */
  requests: number;
  /** Those answered 429. */
  limited: number;
  /** Those answered 503. */
  faulted: number;
}

/** The running social security system; its `url` is the base of its API, without a slash at the end. */
export interface RunningSocialSecuritySystem extends RunningProgram {
  stats: Readonly<SocialSecurityStats>;
}

interface Limits {
  ratePerSecond: number;
  /** Every so many requests one is answered 503; 0 for never. */
  faultEvery: number;
}

const pageQuery = z.object({
  page: z.coerce.number().int().min(1).max(1_000).default(1),
  page_size: z.coerce.number().int().min(1).max(12).default(12),
});

/**
 * Starts social security's own system: one unit a request under `/api/units`, `/openapi.json`, `/stats`.
 *
 * @param env `SOCIAL_SECURITY_DATABASE_FILE` (required; made by `seedSocialSecurity`), `PORT` (default 4208), `HOST` (default
 * `127.0.0.1`), `SOCIAL_SECURITY_RATE` (requests a second and at once, default 200), `SOCIAL_SECURITY_FAULT_EVERY` (every
 * n-th request is answered 503, default 40, 0 for none)
 * @throws StartError when a setting or the store is wrong
 */
export async function startSocialSecuritySystem(env: ServiceEnvironment): Promise<RunningSocialSecuritySystem> {
  const limits = readLimits(env);
  const database = openSqliteFile(
    readRequired(env, 'SOCIAL_SECURITY_DATABASE_FILE', "the path of the social security system's store"),
  );
  try {
    const stats: SocialSecurityStats = { requests: 0, limited: 0, faulted: 0 };
    const app = createApp(database, stats, limits);
    app.addHook('onClose', () => database.close());
    return { ...(await listen(app, env, 4208)), stats };
  } catch (error) {
    if (database.isOpen) database.close();
    throw error;
  }
}

function readLimits(env: ServiceEnvironment): Limits {
  const ratePerSecond = readWholeNumber(env, 'SOCIAL_SECURITY_RATE', { fallback: 200, max: 1_000_000 });
  if (ratePerSecond === 0) throw new StartError('SOCIAL_SECURITY_RATE is 0; it must be at least 1');
  return {
    ratePerSecond,
    faultEvery: readWholeNumber(env, 'SOCIAL_SECURITY_FAULT_EVERY', { fallback: 40, max: 1_000_000 }),
  };
}

function createApp(database: DatabaseSync, stats: SocialSecurityStats, limits: Limits): FastifyInstance {
  const app = fastify({ bodyLimit: 1_024, requestTimeout: 10_000, forceCloseConnections: 'idle' });
  const openapi: unknown = parse(readFileSync(new URL('openapi.yaml', import.meta.url), 'utf8'));
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'nothing is here; see /openapi.json' }));
  app.setErrorHandler((error, _request, reply) => {
    console.error(`social security system: ${String(error)}`);
    return reply.code(500).send({ error: 'the register cannot be read' });
  });
  app.get('/stats', () => stats);
  app.get('/openapi.json', () => openapi);
  void app.register(
    (api, _options, done) => {
      limitRequests(api, stats, limits);
      serveUnits(api, database);
      serveGroups(api, database);
      done();
    },
    { prefix: '/api' },
  );
  return app;
}

function limitRequests(api: FastifyInstance, stats: SocialSecurityStats, { ratePerSecond, faultEvery }: Limits): void {
  const bucket = createTokenBucket(ratePerSecond, () => performance.now());
  api.addHook('onRequest', async (_request, reply) => {
    stats.requests += 1;
    if (faultEvery > 0 && stats.requests % faultEvery === 0) {
      stats.faulted += 1;
      return reply.code(503).send({ error: 'the register is busy, send the request again' });
    }
    const waitSeconds = bucket.take();
    if (waitSeconds === 0) return;
    stats.limited += 1;
    return reply.code(429).header('retry-after', waitSeconds).send({ error: 'too many requests' });
  });
}

function serveUnits(api: FastifyInstance, database: DatabaseSync): void {
  const findUnit = database.prepare('SELECT * FROM unit WHERE unit_no = ?');
  const findLast = database.prepare(
    'SELECT month, insured FROM headcount WHERE unit_no = ? ORDER BY month DESC LIMIT 1',
  );
  const countMonths = database.prepare('SELECT count(*) AS total FROM headcount WHERE unit_no = ?');
  const listMonths = database.prepare(
    'SELECT month, insured FROM headcount WHERE unit_no = ? ORDER BY month DESC LIMIT ? OFFSET ?',
  );
  api.get<{ Params: { unitNo: string } }>('/units/:unitNo', (request, reply) => {
    const unit = findUnit.get(request.params.unitNo);
    if (!unit) return reply.code(404).send({ error: 'no such unit', unit_no: request.params.unitNo });
    const { unit_no, name, address, insured_since, synthetic } = unit;
    const { month: last_month = null, insured: last_insured = null } = findLast.get(request.params.unitNo) ?? {};
    const last = { last_month, last_insured };
    return { unit_no, unit_name: name, unit_address: address, insured_since, ...last, synthetic: synthetic === 1 };
  });
  api.get<{ Params: { unitNo: string } }>('/units/:unitNo/headcounts', (request, reply) => {
    const { unitNo } = request.params;
    const query = pageQuery.safeParse(request.query);
    if (!query.success) return reply.code(400).send({ error: 'page is 1 to 1000, page_size 1 to 12' });
    if (!findUnit.get(unitNo)) return reply.code(404).send({ error: 'no such unit', unit_no: request.params.unitNo });
    const { page, page_size } = query.data;
    const items = listMonths.all(unitNo, page_size, (page - 1) * page_size);
    return { unit_no: unitNo, page, page_size, total: countMonths.get(unitNo)?.['total'], items };
  });
}

/** One row a district and sector. Counted are units that have the newest month: a count of others would hide that few do. */
const GROUPED = `
  SELECT district, sector, count(*) AS units, sum(insured) AS insured, json_group_array(insured) AS each_insured
  FROM unit JOIN headcount ON headcount.unit_no = unit.unit_no AND month = (SELECT max(month) FROM headcount)
  GROUP BY district, sector`;

function serveGroups(api: FastifyInstance, database: DatabaseSync): void {
  const listGroups = database.prepare(GROUPED);
  let groups: object[] | undefined;
  api.get('/groups', () => {
    // The store never changes.
    groups ??= listGroups.all().map(({ each_insured, ...group }) => ({
      ...group,
      median_insured: medianOf(JSON.parse(String(each_insured)) as number[]),
    }));
    return { total: groups.length, items: groups };
  });
}
