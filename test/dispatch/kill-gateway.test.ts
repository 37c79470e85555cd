/** `npm run dispatch-kills` kills more often. */
import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../gateway/audit/open-store.ts';
import { verifyStore } from '../../gateway/audit/verify-store.ts';
import type { StartedProgram } from '../../network/process.ts';
import { startGatewayProgram } from '../kit/gateway-program.ts';
import { emptyDatabase } from '../kit/postgres-client.ts';
import { SIGNING_KEY } from '../kit/signed-request.ts';
import { Random } from '../property/random.ts';
import { startDepartment } from './department.ts';
import {
  activate,
  ARREARS,
  openOffice,
  register,
  runNow,
  runsOf,
  whenRun,
  type DispatchOffice,
  type RegisteredEnterprise,
  type ToldRun,
} from './office.ts';

const KILLS = Number(process.env['SWITCHYARD_DISPATCH_KILLS'] ?? 1);
const DISPATCHES = 4;
const GATEWAYS = 2;

type Department = Awaited<ReturnType<typeof startDepartment>>;

/** What a receiver can do instead of taking a delivery. */
const BEFORE: Readonly<Record<string, (response: ServerResponse) => void>> = {
  'cut off': (response) => void response.socket?.destroy(),
  broken: (response) => void response.writeHead(500).end(),
  slow: (response) => void setTimeout(() => response.destroy(), SLOW_MS),
};

/** What it can do once it has taken it. */
const AFTER: Readonly<Record<string, (response: ServerResponse) => void>> = {
  'broken after it applied'(response) {
    const writeHead = response.writeHead.bind(response);
    response.writeHead = () => writeHead(500);
  },
  'slow after it applied'(response) {
    const end = response.end.bind(response) as (chunk: unknown) => ServerResponse;
    response.end = ((chunk: unknown) => {
      setTimeout(() => end(chunk), SLOW_MS);
      return response;
    }) as typeof response.end;
  },
};

/** Of a hundred deliveries, how many go wrong. */
const FAULTS = 40;
const SLOW_MS = 1_500;
const DELIVERY_TIMEOUT_MS = 700;

/** What came to a receiver. */
interface Counted {
  sent: number;
  byFault: Record<string, number>;
}

/** Counts what comes, and lets the receiver be slow, cut off, and broken before and after it has applied. */
function misbehave({ between }: Department, random: Random): Counted {
  const counted: Counted = { sent: 0, byFault: {} };
  between.before = (request, response) => {
    counted.sent += 1;
    if (random.between(1, 100) > FAULTS) return 'pass';
    const fault = random.pick([...Object.keys(BEFORE), ...Object.keys(AFTER)]);
    counted.byFault[fault] = (counted.byFault[fault] ?? 0) + 1;
    AFTER[fault]?.(response);
    if (AFTER[fault]) return 'pass';
    request.resume();
    return BEFORE[fault]!(response);
  };
  return counted;
}

/** Changes the register: a record more, one less, one otherwise. */
function change({ enterprises }: DispatchOffice, random: Random, round: number): void {
  register({ enterprises }, 1, 100 + round);
  const keys = [...enterprises.keys()];
  enterprises.delete(random.pick(keys));
  const other = enterprises.get(random.pick([...enterprises.keys()]))!;
  other.arrears = round;
}

async function officeOn(store: string | undefined, department: Department): Promise<DispatchOffice> {
  const keyFile = `${department.receiptKeyFile}.gateway`;
  writeFileSync(keyFile, SIGNING_KEY.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const { url, receiptKeyFile } = department;
  return openOffice({
    signing: { keyFile, keyId: SIGNING_KEY.keyId },
    allSubgraphs: { sign: false },
    dispatch: {
      ...(store === undefined ? {} : { store }),
      ...{
        carriesOut: false,
        leaseMs: 1_500,
        lookEveryMs: 50,
        deliveryTimeoutMs: DELIVERY_TIMEOUT_MS,
        maxDeliveryBytes: 200,
      },
      retry: { firstMs: 20, maxMs: 200, maxAttempts: 200 },
      recipients: {
        'bank-risk': { department: 'bank', roles: ['bank'], receiver: { kind: 'webhook', url, receiptKeyFile } },
      },
    },
  });
}

interface Recorded {
  queryGroupId: string;
  dispatch: { idempotencyKey: string | null } | null;
}

/** All that the trail has of the recipient. */
async function trailOf(office: DispatchOffice): Promise<Recorded[]> {
  const all: Recorded[] = [];
  for (let after: string | null = null; ;) {
    const query: string = `query ($after: String) { trail { everything(person: "bank-risk", first: 1000, after: $after) {
      records { queryGroupId dispatch { idempotencyKey } } endCursor hasMore } } }`;
    const { trail }: { trail: { everything: { records: Recorded[]; endCursor: string; hasMore: boolean } } } =
      await office.ask(query, { after }, 'auditor');
    all.push(...trail.everything.records);
    if (!trail.everything.hasMore) return all;
    after = trail.everything.endCursor;
  }
}

const STORES: [string, () => Promise<{ url: string; close(): Promise<void> } | undefined>][] = [
  ['SQLite', () => Promise.resolve(undefined)],
  ['PostgreSQL', emptyDatabase],
];

// What a database does otherwise is in the stores' contract; here both are tried where there is time.
describe.each(KILLS > 1 ? STORES : STORES.slice(0, 1))('dispatches in %s', (name, make) => {
  test(
    `lose nothing and apply nothing twice where gateways are killed ${KILLS} times and the receiver fails`,
    { timeout: 90_000 + KILLS * 20_000 },
    async () => {
      const place = await make();
      onTestFinished(() => place?.close());
      const department = await startDepartment();
      onTestFinished(() => department.close());
      const office = await officeOn(place?.url, department);
      onTestFinished(() => office.close());
      register(office, 12);
      const random = new Random(name.length);
      const gateways: StartedProgram[] = [];
      onTestFinished(async () => void (await Promise.all(gateways.map((each) => each.kill()))));
      const config = { ...office.settings, dispatch: { ...office.settings.dispatch, carriesOut: true } };
      const supergraph = office.federation.supergraphFile;
      const start = () => startGatewayProgram(office.folder, { ...config, supergraph });
      gateways.push(...(await Promise.all(Array.from({ length: GATEWAYS }, start))));
      const ids: string[] = [];
      for (let number = 1; number <= DISPATCHES; number += 1)
        ids.push(await activate(office, { ...ARREARS, name: `arrears-${number}` }));
      const counted = misbehave(department, random);
      for (let killed = 1; killed <= KILLS; killed += 1) {
        change(office, random, killed);
        for (const id of ids) await runNow(office, id);
        await pause(random.between(0, 400));
        const victim = random.between(0, GATEWAYS - 1);
        await gateways[victim]!.kill();
        gateways[victim] = await start();
      }
      delete department.between.before;
      await settled(office, ids);
      const found = await look(office, { department, ids });
      console.log(textOf(found, counted, name));
      expect(found).toMatchObject({ unended: [], twice: [], lost: [], unrecorded: [] });
    },
  );
});

/** Every run is over, and one more has given what there is now. */
async function settled(office: DispatchOffice, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const last = (await runsOf(office, id))[0]?.number ?? 0;
    if (last > 0) await whenRun(office, [id, last], 'DELIVERED', 'UNCHANGED');
    await runNow(office, id);
    const { number } = (await runsOf(office, id))[0] ?? { number: 0 };
    await whenRun(office, [id, Math.max(number, last + 1)], 'DELIVERED', 'UNCHANGED');
  }
}

/** What there is at the end, at the receiver, in the store and in the trail. */
async function look(
  office: DispatchOffice,
  { department, ids }: { department: Department; ids: readonly string[] },
): Promise<
  { runs: ToldRun[]; applied: string[]; records: number } & Record<
    'unended' | 'twice' | 'lost' | 'unrecorded',
    unknown[]
  >
> {
  const applied = department.applied().map(String);
  const runs = (await Promise.all(ids.map((id) => runsOf(office, id)))).flat();
  const trail = await trailOf(office);
  const groups = new Set(trail.map(({ queryGroupId }) => queryGroupId));
  const delivered = new Set(trail.map(({ dispatch }) => dispatch?.idempotencyKey));
  const wanted = sorted([...office.enterprises.values()]);
  const store = await openStore(String(office.settings.audit!.store), { timeoutMs: 5_000 });
  const { ok, faults } = await verifyStore(store, {});
  await store.close();
  return {
    ...{ runs, applied, records: trail.length },
    unended: runs.filter(({ state }) => state !== 'DELIVERED' && state !== 'UNCHANGED'),
    twice: applied.filter((key, index) => applied.indexOf(key) !== index),
    lost: ids.filter((_, index) => {
      const held = department.held(`arrears-${index + 1}`) as unknown as RegisteredEnterprise[];
      return JSON.stringify(sorted(held)) !== JSON.stringify(wanted);
    }),
    unrecorded: [
      ...runs.filter(({ queryGroupId }) => !groups.has(queryGroupId)),
      ...applied.filter((key) => !delivered.has(key)),
      ...(ok ? [] : faults),
    ],
  };
}

function sorted(enterprises: readonly RegisteredEnterprise[]): RegisteredEnterprise[] {
  return enterprises.toSorted((one, other) => (one.uscc < other.uscc ? -1 : 1));
}

function textOf(found: Awaited<ReturnType<typeof look>>, { sent, byFault }: Counted, name: string): string {
  const { runs, applied, twice, lost, unrecorded, records } = found;
  const again = runs.filter(({ attempt }) => attempt > 1).length;
  const faults = Object.entries(byFault).map(([fault, times]) => `${times} ${fault}`);
  return [
    `${KILLS} kills of ${GATEWAYS} gateways on ${name}: ${runs.length} runs, ${again} of them in several attempts;`,
    `${sent} deliveries sent (${faults.join(', ')}), ${applied.length} applied, ${twice.length} twice;`,
    `${lost.length} of ${DISPATCHES} recipients with other rows than there are;`,
    `${unrecorded.length} runs or deliveries that are not in the trail of ${records} records, which verifies.`,
  ].join(' ');
}
