/** `npm run publishes` publishes sixty times. */
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { serveDepartment } from '../../subgraphs/kit/subgraph.ts';
import { temporaryFolder } from '../kit/department.ts';
import { withLink } from '../kit/federation.ts';
import { startGatewayProgram, startRegistryProgram } from '../kit/gateway-program.ts';
import { keepRequesting } from '../kit/request-loop.ts';
import { NUMBERED_QUERY, numberedAnswer, numberIn, PEOPLE, withNumber } from '../serving/numbered-supergraphs.ts';
import { clientOf, registrySettings, type RegistryClient } from './registry-kit.ts';

const PUBLISHES = Number(process.env['SWITCHYARD_PUBLISHES'] ?? 2);
const PATIENCE = { timeout: 30_000, interval: 2 };
const [PEOPLE_SDL, COURTS_SDL] = [PEOPLE['people']!.sdl, PEOPLE['courts']!.sdl];

/** Somebody's subgraph. */
interface Department {
  /** The key of who publishes it. */
  as: string;
  name: string;
  url: string;
}

async function serve(folder: ReturnType<typeof temporaryFolder>, name: string, as: string): Promise<Department> {
  const { sdl, resolvers = {} } = PEOPLE[name]!;
  const schema = folder.file(`${name}.graphql`);
  await writeFile(schema, withLink(sdl));
  const opened = { resolvers, createContext: () => ({}), close: () => Promise.resolve() };
  const department = { name, port: 0, schemaFile: pathToFileURL(schema), open: () => Promise.resolve(opened) };
  const { url, close } = await serveDepartment(department, { PORT: '0' });
  onTestFinished(close);
  return { as, name, url };
}

const publish = (registry: RegistryClient, { as, name, url }: Department, sdl: string) =>
  registry.publish(as, name, sdl, url);

/** What a registry must not take, and what it says to it. */
async function publishWhatIsRefused(
  registry: RegistryClient,
  people: Department,
  courts: Department,
  number: number,
): Promise<void> {
  const sdl = withNumber(PEOPLE_SDL, number);
  expect(await publish(registry, people, sdl.replace('name: String', 'fullName: String'))).toMatchObject({
    ok: false,
    changes: [{ level: 'breaking', path: 'Person.name' }, { level: 'safe' }, { level: 'safe' }],
  });
  expect(await publish(registry, courts, COURTS_SDL.replace('cases', 'name: Int cases'))).toMatchObject({
    ok: false,
    problems: expect.arrayContaining([expect.objectContaining({ code: 'FIELD_TYPE_MISMATCH' })]) as unknown,
  });
  const others = { ...people, as: courts.as };
  expect(await publish(registry, others, sdl.replace('name: String', 'name: String more: Int'))).toMatchObject({
    errors: [{ extensions: { code: 'NOT_YOUR_SUBGRAPH' } }],
  });
}

/** A registry with two departments, and a gateway that follows it. */
async function startAll() {
  const folder = temporaryFolder();
  onTestFinished(() => folder.close());
  const settings = registrySettings(folder.path);
  const program = await startRegistryProgram(folder.path, settings);
  onTestFinished(() => program.stop());
  const registry = clientOf(program.url);
  const [people, courts] = await Promise.all([serve(folder, 'people', 'tax'), serve(folder, 'courts', 'market')]);
  await publish(registry, people, PEOPLE_SDL);
  await publish(registry, courts, COURTS_SDL);
  const reload = {
    publicKeyFile: `${settings.registry!.keyFile}.pub`,
    headers: { 'x-api-key': 'gateway' },
    lastGoodFile: folder.file('last-good.json'),
    reportUsageEveryMs: 100,
  };
  const supergraph = `${program.url}/supergraph`;
  const gateway = await startGatewayProgram(folder.path, { supergraph, graphiql: false, operations: 'none', reload });
  onTestFinished(() => gateway.stop());
  return { registry, people, courts, gatewayUrl: gateway.url };
}

/** Resolves once the registry knows that somebody asks for `Person.name`. */
async function untilUseIsKnown(registry: RegistryClient, { as, url: routingUrl }: Department): Promise<void> {
  const sdl = withLink(PEOPLE_SDL.replace('name: String', ''));
  const change = { kind: 'publish', name: 'people', sdl, routingUrl, origin: 'people.graphql' };
  await vi.waitFor(async () => {
    const { body } = await registry.ask(as, 'POST', 'checks', change);
    expect(body).toMatchObject({ ok: false, changes: [{ usedBy: [{}] }] });
  }, PATIENCE);
}

function medianAndLongest(ms: readonly number[]): { medianMs: number; longestMs: number } {
  const sorted = ms.map(Math.round).toSorted((one, other) => one - other);
  return { medianMs: sorted[sorted.length >> 1]!, longestMs: sorted.at(-1)! };
}

test(
  `${PUBLISHES} publishes, each after three that are refused, before a gateway under load: no request fails, and what is refused moves nothing`,
  { timeout: 60_000 + PUBLISHES * 10_000 },
  async () => {
    const { registry, people, courts, gatewayUrl } = await startAll();
    const standing = async (): Promise<unknown[]> => [
      (await registry.ask('gateway', 'GET', 'supergraph')).body,
      ((await (await fetch(new URL('/ready', gatewayUrl))).json()) as { supergraph: string }).supergraph,
    ];
    let published = 0;
    let newest = 0;
    const isRight = (body: unknown): boolean => {
      const number = numberIn(body as Parameters<typeof numberIn>[0]);
      newest = Math.max(newest, number);
      // What was begun before goes on with the graph before.
      const isOfItsTime = number >= newest - 1 && number <= published;
      return isOfItsTime && JSON.stringify(body) === JSON.stringify(numberedAnswer(number));
    };
    const load = keepRequesting({ url: gatewayUrl, query: NUMBERED_QUERY, isRight, atOnce: 4 });
    await load.answeredMore(20);
    await untilUseIsKnown(registry, people);
    const publishMs: number[] = [];
    const servedAfterMs: number[] = [];
    for (let number = 1; number <= PUBLISHES; number += 1) {
      const before = await standing();
      await publishWhatIsRefused(registry, people, courts, number);
      expect(await standing()).toEqual(before);
      expect(newest).toBe(number - 1);
      published = number;
      const sentAtMs = performance.now();
      const report = await publish(registry, people, withNumber(PEOPLE_SDL, number));
      const answeredAtMs = performance.now();
      expect(report).toMatchObject({ ok: true, version: 2 + number });
      await vi.waitUntil(() => newest === number, PATIENCE);
      publishMs.push(answeredAtMs - sentAtMs);
      servedAfterMs.push(performance.now() - answeredAtMs);
    }
    await load.answeredMore(20);
    const counts = await load.end();
    const figures = { publish: medianAndLongest(publishMs), servedAfter: medianAndLongest(servedAfterMs) };
    console.log(`${PUBLISHES} publishes and ${3 * PUBLISHES} that were refused:`, counts, figures);
    expect(counts).toMatchObject({ answered: counts.sent, wrong: 0, refused: 0, lost: 0 });
  },
);
