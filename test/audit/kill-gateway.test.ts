/** `npm run kills` kills more often. */
import { hash } from 'node:crypto';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { TrailRecord } from '../../gateway/audit/entry.ts';
import { readChain, type TrailStore } from '../../gateway/audit/store.ts';
import { verifyStore } from '../../gateway/audit/verify-store.ts';
import type { StartedProgram } from '../../network/process.ts';
import { startGatewayProgram } from '../kit/gateway-program.ts';
import { serveFederation } from '../kit/served-federation.ts';
import { Random } from '../property/random.ts';
import { makePlace } from './trail-kit.ts';

const KILLS = Number(process.env['SWITCHYARD_GATEWAY_KILLS'] ?? 3);
const CLIENTS = 30;
const MAX_ANSWERS = 300;

const SUBGRAPHS = {
  people: {
    sdl: 'type Query { person(pid: ID!): Person } type Person @key(fields: "pid") { pid: ID! name: String }',
    resolvers: { Query: { person: (_: unknown, { pid }: { pid: string }) => ({ pid, name: `name of ${pid}` }) } },
  },
  courts: {
    sdl: 'type Person @key(fields: "pid") { pid: ID! cases: [String!] }',
    resolvers: { Person: { cases: ({ pid }: { pid: string }) => [`case of ${pid}`] } },
  },
};

/** An answer that came, by the request's name in the trail; its digest only where all of it came. */
type Answers = Map<string, string | undefined>;

/** Every tenth is one that is refused. */
function body(number: number): string {
  if (number % 10 === 0) return JSON.stringify({ query: `{ person { name${number} } }` });
  const query = 'query ($pid: ID!) { person(pid: $pid) { name cases } }';
  return JSON.stringify({ query, variables: { pid: `p${number}` } });
}

/** Asks until the gateway is gone, and kills it some time after so many answers have come: answers come in bursts, and it must not. */
async function askUntilKilled(
  { url, kill }: Pick<StartedProgram, 'url' | 'kill'>,
  { after, delayMs }: { after: number; delayMs: number },
): Promise<Answers> {
  const answers: Answers = new Map();
  let asked = 0;
  let killed: Promise<void> | undefined;
  const ask = async (): Promise<boolean> => {
    const headers = { 'content-type': 'application/json' };
    try {
      const response = await fetch(url, { method: 'POST', headers, body: body((asked += 1)) });
      const queryId = response.headers.get('switchyard-query-id')!;
      answers.set(queryId, undefined);
      if (answers.size >= after) killed ??= pause(delayMs).then(kill);
      answers.set(queryId, hash('sha256', Buffer.from(await response.arrayBuffer())));
      return true;
    } catch {
      return false;
    }
  };
  const client = async (): Promise<void> => {
    while (await ask()) await turn();
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  await killed;
  return answers;
}

async function recordsOf(store: TrailStore, chain: string): Promise<Map<string, TrailRecord>> {
  const found = new Map<string, TrailRecord>();
  for await (const item of readChain(store, chain)) {
    if (item.kind !== 'record') continue;
    const record = JSON.parse(item.text) as TrailRecord;
    found.set(record.queryId, record);
  }
  return found;
}

test(
  `a gateway that is killed under load has recorded every answer that reached a client, and its trail verifies, ${KILLS} times`,
  { timeout: 60_000 + KILLS * 30_000 },
  async () => {
    const place = await makePlace();
    onTestFinished(() => place.close());
    const federation = await serveFederation(SUBGRAPHS, { graphiql: false });
    onTestFinished(() => federation.close());
    const rootsCopyFile = place.file('roots.jsonl');
    const audit = place.settings({ sealEveryRecords: 50, rootsCopyFile });
    const random = new Random(26);
    const store = await place.store();
    let answered = 0;
    let records = 0;
    for (let killed = 1; killed <= KILLS; killed += 1) {
      const config = { supergraph: federation.supergraphFile, graphiql: false, audit };
      const gateway = await startGatewayProgram(place.folder, config);
      const answers = await askUntilKilled(gateway, {
        after: random.between(1, MAX_ANSWERS),
        delayMs: random.between(0, 25),
      });
      const { chain } = (await store.chains()).at(-1)!;
      const found = await recordsOf(store, chain);
      for (const [queryId, digest] of answers) {
        expect(found.has(queryId), `the record of ${queryId}, an answer of run ${killed}`).toBe(true);
        if (digest !== undefined) expect(found.get(queryId)!.answerDigest).toBe(digest);
      }
      answered += answers.size;
      records += found.size;
      const report = await verifyStore(store, { rootsCopyFile });
      expect(report).toMatchObject({ ok: true, faults: [], records });
      expect(report.chains.at(-1)).toMatchObject({ isClosed: false });
    }
    console.log(`${KILLS} kills: ${answered} answers reached clients, each has its record; ${records} records verify.`);
  },
);
