import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Authoriser } from '../gateway/authorise/authoriser.ts';
import { parseRuleFile, RuleSet } from '../gateway/authorise/rule-set.ts';
import { ANONYMOUS, NO_PURPOSE, type Caller } from '../gateway/caller.ts';
import { table } from '../gateway/cli/table.ts';
import { composeSubgraphs } from '../gateway/supergraph/compose.ts';
import { loadSupergraph } from '../gateway/supergraph/load.ts';
import { postgresProgram } from '../network/postgres-program.ts';
import { startProgram } from '../network/process.ts';
import { compareOn, type OnProgress, type Row } from './compare.ts';
import { CONTESTANTS, enforcing } from './contestants/contestant.ts';
import { digits } from './report.ts';
import { findWorkload } from './workloads/catalogue.ts';

/** How many can be made in a second, on one core. */
export interface Decisions {
  /** About a caller who was not seen before, for one access class, by the last of ten rules. */
  newCaller: number;
  /** What a caller may see of an operation, who was seen before. */
  knownCaller: number;
}

const RULES = 10;
const DECIDED_FOR_MS = 1_000;

/** Counts decisions for a second each. */
export function measureDecisions(): Decisions {
  const rules = new RuleSet([parseRuleFile(ruleFile(), 'bench')]);
  const { access } = loadSupergraph(taxSupergraph());
  const authoriser = new Authoriser({ access, mode: 'enforce', rules });
  const known = inspector(0);
  const numbers = access.byField.get('Taxpayer.arrears')!;
  let next = 0;
  return {
    newCaller: perSecond(() => authoriser.authorityOf(inspector((next += 1))).keyFor([...numbers])),
    knownCaller: perSecond(() => authoriser.authorityOf(known).keyFor(numbers)),
  };
}

function taxSupergraph(): string {
  const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
    directive @access(class: String!) on FIELD_DEFINITION
    type Query { taxpayer: Taxpayer }
    type Taxpayer @key(fields: "id") { id: ID! arrears: Float @access(class: "amounts") }`;
  const composed = composeSubgraphs([{ name: 'tax', routingUrl: 'http://127.0.0.1:1/', origin: 'bench', sdl }]);
  if (!composed.ok) throw new Error(composed.problems.map(({ message }) => message).join('\n'));
  return composed.sdl;
}

function ruleFile(): unknown {
  const rules = Array.from({ length: RULES }, (_, number) => ({
    id: `rule-${number}`,
    text: 'An inspector of the district sees amounts in a case.',
    outcome: 'ALLOW',
    classes: 'amounts',
    when: {
      'identity.roles': 'inspector',
      'identity.claims.district': `D${number}`,
      'purpose.caseNumber': { $exists: true },
    },
  }));
  return { department: 'tax', rules };
}

function inspector(number: number): Caller {
  const claims = { district: `D${RULES - 1}` };
  return {
    identity: { ...ANONYMOUS, kind: 'person', subject: `inspector-${number}`, roles: ['inspector'], claims },
    purpose: { ...NO_PURPOSE, caseNumber: `C-${number}` },
  };
}

function perSecond(decide: () => string): number {
  let count = 0;
  const endsAt = performance.now() + DECIDED_FOR_MS;
  const beganAt = performance.now();
  while (performance.now() < endsAt) for (let each = 0; each < 100; each += 1, count += 1) decide();
  return (count * 1_000) / (performance.now() - beganAt);
}

/** What decisions cost, for people. */
export function printDecisions({ newCaller, knownCaller }: Decisions): string {
  const [fresh, known] = [newCaller, knownCaller].map((rate) => Math.round(rate).toLocaleString('en'));
  return `\nDecisions a second: ${fresh} for callers not seen before (the last of ${RULES} rules fits), ${known} for those who were.`;
}

/** A gateway under load, with its trail or without. */
export interface Writes extends Pick<Row, 'name' | 'cpuMsPerRequest' | 'requestsPerSecond' | 'p50Ms' | 'p99Ms'> {
  connections: number;
}

/** As many as keep it busy, and as few as do not. */
const CONNECTIONS = [50, 4] as const;

/** Runs the small workload without a trail, and with one in SQLite and in PostgreSQL. */
export async function measureWrites(
  settings: { rounds: number; seconds: number },
  onProgress: OnProgress,
): Promise<Writes[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'switchyard-bench-postgres-'));
  const postgres = { folder: path.join(folder, 'data'), port: 0, logs: folder, durable: true };
  onProgress('starting PostgreSQL');
  const server = await startProgram(postgresProgram(postgres));
  const contestants = [
    CONTESTANTS[0]!,
    enforcing('SQLite', 'rules, and a trail in SQLite'),
    enforcing('PostgreSQL', 'rules, and a trail in PostgreSQL', server.url),
  ];
  try {
    const writes: Writes[] = [];
    for (const connections of CONNECTIONS) {
      const results = await compareOn(
        await findWorkload('small'),
        contestants,
        { ...settings, connections },
        onProgress,
      );
      writes.push(...results.map(({ row }) => ({ ...row, connections })));
    }
    return writes;
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Columns that hold numbers. */
const NUMBERS: ReadonlySet<number> = new Set([0, 2, 3, 4, 5, 6, 7]);

/** What writes cost, for people. */
export function printWrites(writes: readonly Writes[]): string {
  const head = ['connections', 'trail', 'requests/s', 'CPU ms/request', 'p50 ms', 'added', 'p99 ms', 'added'];
  const rows = writes.map((each) => {
    const without = writes.find(({ connections }) => connections === each.connections)!;
    const added = (of: 'p50Ms' | 'p99Ms'): string => (each === without ? '' : digits(each[of] - without[of]));
    const name = each === without ? 'none, no rules' : each.name;
    return [
      ...[String(each.connections), name, each.requestsPerSecond.toFixed(0), digits(each.cpuMsPerRequest)],
      ...[digits(each.p50Ms), added('p50Ms'), digits(each.p99Ms), added('p99Ms')],
    ];
  });
  return `\nEvery record durable before its answer leaves, one root field a request:\n${table([head, ...rows], NUMBERS).join('\n')}`;
}
