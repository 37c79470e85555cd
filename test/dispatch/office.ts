import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ConfigInput } from '../../gateway/config/config.ts';
import { DISPATCH_SDL, DISPATCH_URL } from '../../gateway/dispatch/sdl.ts';
import { GRANTS_SDL, GRANTS_URL } from '../../gateway/grants/sdl.ts';
import { TRAIL_SDL, TRAIL_URL } from '../../gateway/audit/reading/sdl.ts';
import { temporaryFolder } from '../kit/department.ts';
import { serveFederation, type ServedFederation } from '../kit/served-federation.ts';

/** A record of the register. */
export interface RegisteredEnterprise {
  uscc: string;
  name: string;
  headcount: number | null;
  arrears: number;
}

/** A register of enterprises behind a gateway that dispatches to a bank's folder. */
export interface DispatchOffice {
  federation: ServedFederation;
  /** What the register holds: tests change it. */
  enterprises: Map<string, RegisteredEnterprise>;
  /** Set: the register fails with it. */
  failure: { message: string | undefined };
  /** Set: the register answers only then. */
  held: { until: Promise<void> | undefined };
  /** How often the register was asked. */
  asked: { times: number };
  file(name: string): string;
  folder: string;
  /** Where deliveries land. */
  drop: string;
  /** Settings of another gateway on the same. */
  settings: ConfigInput;
  /** Asks as somebody of `CALLERS`. @throws with what the graph says, where it says an error */
  ask<Data>(query: string, variables?: Record<string, unknown>, caller?: CallerName): Promise<Data>;
  /** Rules of the register from now on. */
  rule(rules: readonly object[]): Promise<void>;
  /** Names and contents of the files that were delivered. */
  delivered(): Promise<Record<string, string>>;
  close(): Promise<void>;
}

const CALLERS = {
  officer: { department: 'bank', roles: ['dispatch-officer'] },
  other: { department: 'tax', roles: ['dispatch-officer'] },
  auditor: { roles: ['auditor'] },
  steward: { department: 'market', roles: ['data-steward'] },
} as const;
export type CallerName = keyof typeof CALLERS;

const ACCESS = 'directive @access(class: String!) on FIELD_DEFINITION | OBJECT\n';
export const OPEN = { id: 'open', text: 'Who is registered is public.', outcome: 'ALLOW', classes: 'unclassified' };
/** The bank is given arrears for credit checks. */
export const GIVEN = {
  id: 'bank-credit',
  text: 'Banks see arrears for a credit check.',
  outcome: 'ALLOW',
  classes: 'amounts',
  when: { 'identity.roles': 'bank', 'purpose.purpose': 'credit check' },
};
export const GRANTED = { ...GIVEN, id: 'bank-granted', text: 'Banks that were granted arrears.', grant: {} };
export const CLOSED = { id: 'amounts-closed', text: 'Arrears are closed.', outcome: 'DENY', classes: 'amounts' };

/** What the bank is dispatched. */
export const ARREARS = {
  name: 'arrears',
  recipient: 'bank-risk',
  operation: `query Arrears($first: Int!, $after: ID) { enterprises(first: $first, after: $after) { uscc name headcount arrears } }`,
  purpose: 'credit check',
  legalBasis: 'Banking Act, s. 12',
  rows: 'enterprises',
  key: ['uscc'],
  pages: { variable: 'after', from: 'uscc', size: 3 },
};

/** @param more settings; `store` of dispatches default: an SQLite file of the office's own */
export async function openOffice(more: ConfigInput = {}): Promise<DispatchOffice> {
  const folder = temporaryFolder();
  const rules = folder.file('rules');
  const drop = folder.file('drop');
  const enterprises = new Map<string, RegisteredEnterprise>();
  const failure: DispatchOffice['failure'] = { message: undefined };
  const asked = { times: 0 };
  const held: DispatchOffice['held'] = { until: undefined };
  await mkdir(rules);
  await writeRules(rules, [OPEN, GIVEN, CLOSED]);
  const settings = officeSettings({ rules, drop, file: folder.file }, more);
  const federation = await serveFederation(subgraphs(enterprises, { failure, asked, held }), settings);
  return {
    ...{ federation, enterprises, failure, asked, held, settings, file: folder.file, folder: folder.path, drop },
    ask: (query, variables, caller) => askAs(federation.url, query, { variables, caller }),
    async rule(all) {
      await writeRules(rules, all);
      await federation.reload();
    },
    async delivered() {
      const names = (await readdir(drop).catch(() => [])).filter((name) => !name.startsWith('.')).toSorted();
      const texts = await Promise.all(names.map((name) => readFile(path.join(drop, name), 'utf8')));
      return Object.fromEntries(names.map((name, index) => [name, texts[index]!]));
    },
    async close() {
      await federation.close();
      folder.close();
    },
  };
}

function officeSettings(
  { rules, drop, file }: { rules: string; drop: string; file(name: string): string },
  { dispatch, ...more }: ConfigInput,
): ConfigInput {
  return {
    graphiql: false,
    authorisation: { rules, readEveryMs: 3_600_000 },
    identity: {
      apiKeys: Object.entries(CALLERS).map(([name, rest]) => {
        return { name, sha256: createHash('sha256').update(name).digest('hex'), ...rest, roles: [...rest.roles] };
      }),
    },
    grants: { store: file('grants.db') },
    audit: { store: file('trail.db'), keyFile: file('key.pem'), secretFile: file('secret'), gatherMs: 0 },
    ...more,
    dispatch: {
      store: file('dispatch.db'),
      lookEveryMs: 50,
      retry: { firstMs: 20, maxMs: 100 },
      recipients: {
        'bank-risk': {
          department: 'bank',
          organisation: 'Yunmei Bank',
          roles: ['bank'],
          receiver: { kind: 'folder', folder: drop, format: 'json' },
        },
      },
      ...dispatch,
    },
  };
}

function subgraphs(
  enterprises: DispatchOffice['enterprises'],
  { failure, asked, held }: Pick<DispatchOffice, 'failure' | 'asked' | 'held'>,
) {
  return {
    market: {
      sdl: `${ACCESS} type Query { enterprises(first: Int!, after: ID): [Enterprise!]! }
        type Enterprise @key(fields: "uscc") { uscc: ID! name: String headcount: Int arrears: Float @access(class: "amounts") }`,
      resolvers: {
        Query: {
          async enterprises(_: unknown, { first, after = '' }: { first: number; after?: string }) {
            asked.times += 1;
            await held.until;
            if (failure.message !== undefined) throw new Error(failure.message);
            const sorted = [...enterprises.values()].toSorted((one, other) => (one.uscc < other.uscc ? -1 : 1));
            return sorted.filter(({ uscc }) => uscc > after).slice(0, first);
          },
        },
      },
    },
    dispatch: { sdl: DISPATCH_SDL.trimStart(), routingUrl: DISPATCH_URL },
    grants: { sdl: GRANTS_SDL.trimStart(), routingUrl: GRANTS_URL },
    trail: { sdl: TRAIL_SDL.trimStart(), routingUrl: TRAIL_URL },
  };
}

async function writeRules(folder: string, ofMarket: readonly object[]): Promise<void> {
  const open = (department: string) => [
    { id: `${department}-open`, text: 'Open to try.', outcome: 'ALLOW', classes: '*' },
  ];
  const files = { market: ofMarket, grants: open('grants'), trail: open('trail') };
  for (const [department, rules] of Object.entries(files))
    await writeFile(path.join(folder, `${department}.yaml`), JSON.stringify({ department, rules }));
  await writeFile(path.join(folder, 'dispatch.yaml'), await readFile('rules/dispatch.yaml', 'utf8'));
}

/** Asks a gateway of an office. @throws with what the graph says, where it says an error */
async function askAs<Data>(
  url: string,
  query: string,
  {
    variables = {},
    caller = 'officer',
  }: { variables?: Record<string, unknown> | undefined; caller?: CallerName | undefined },
): Promise<Data> {
  const headers = { 'content-type': 'application/json', 'x-api-key': caller };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = (await response.json()) as { data: Data; errors?: { message: string }[] };
  if (errors) throw new Error(errors.map(({ message }) => message).join('\n'));
  return data;
}

/** Fills the register: `e01`, `e02`, … */
export function register(office: Pick<DispatchOffice, 'enterprises'>, count: number, from = 1): void {
  for (let number = from; number < from + count; number += 1) {
    const uscc = `e${String(number).padStart(2, '0')}`;
    office.enterprises.set(uscc, { uscc, name: `Enterprise "${number}"`, headcount: number, arrears: number * 100 });
  }
}

/** A run as the graph tells of it. */
export interface ToldRun {
  number: number;
  state: string;
  reason: string;
  isFull: boolean;
  rows: number;
  removed: number;
  parts: number;
  attempt: number;
  queryGroupId: string;
  why: { code: string; text: string; rule: string | null } | null;
}

/** Makes, previews and activates a dispatch; gives its id. */
export async function activate(office: Pick<DispatchOffice, 'ask'>, dispatch: object): Promise<string> {
  const { createDispatch } = await office.ask<{ createDispatch: { id: string } }>(
    'mutation ($dispatch: DispatchInput!) { createDispatch(dispatch: $dispatch) { id } }',
    { dispatch },
  );
  const { id } = createDispatch;
  await office.ask('mutation ($id: ID!) { previewDispatch(id: $id) { rowsOnPage } }', { id });
  await office.ask('mutation ($id: ID!) { activateDispatch(id: $id) { state } }', { id });
  return id;
}

export function runNow(office: Pick<DispatchOffice, 'ask'>, id: string): Promise<unknown> {
  return office.ask('mutation ($id: ID!) { runDispatchNow(id: $id) { id } }', { id });
}

/** The newest runs of the dispatches of the officer's department, the newest first. */
export async function runsOf(office: Pick<DispatchOffice, 'ask'>, id: string): Promise<ToldRun[]> {
  const { dispatches } = await office.ask<{ dispatches: { ofDepartment: { id: string; runs: ToldRun[] }[] } }>(
    `{ dispatches { ofDepartment { id runs(first: 100) { number state reason isFull rows removed parts attempt queryGroupId why { code text rule } } } } }`,
  );
  return dispatches.ofDepartment.find((each) => each.id === id)?.runs ?? [];
}

/** Waits until a run is in one of these states. @throws where it takes more than ten seconds */
export async function whenRun(
  office: Pick<DispatchOffice, 'ask'>,
  [id, number]: [id: string, number: number],
  ...states: readonly string[]
): Promise<ToldRun> {
  const untilMs = Date.now() + 10_000;
  for (;;) {
    const run = (await runsOf(office, id)).find((each) => each.number === number);
    if (run && states.includes(run.state)) return run;
    if (Date.now() > untilMs)
      throw new Error(`Run ${number} is ${JSON.stringify(run)}, and not ${states.join(' or ')}.`);
    await pause(20);
  }
}
