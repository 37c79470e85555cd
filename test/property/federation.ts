import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse, type ExecutionResult, type GraphQLSchema } from 'graphql';
import type { QueryPlan } from '@apollo/query-planner';
import { Recorder } from '../../gateway/audit/recorder.ts';
import { Authoriser } from '../../gateway/authorise/authoriser.ts';
import { NOBODY, type Caller } from '../../gateway/caller.ts';
import { resolveConfig } from '../../gateway/config/config.ts';
import { Deadline } from '../../gateway/deadline.ts';
import { jsonBody, requestBody, type Fetcher } from '../../gateway/execute/fetcher.ts';
import { createGateway, type Gateway } from '../../gateway/gateway.ts';
import { toPlainAnswer, type PlainAnswer } from '../../gateway/message.ts';
import type { Planner, PlannerOptions } from '../../gateway/plan/planner.ts';
import { composeSubgraphs } from '../../gateway/supergraph/compose.ts';
import { loadSupergraph } from '../../gateway/supergraph/load.ts';
import { KeptTrail } from '../audit/kept-trail.ts';
import { LINK } from '../kit/federation.ts';
import { makeUpCaller, MadeUpAuthority } from './authority.ts';
import { compareAnswers, type Difference } from './compare.ts';
import { createMonolith, type Expectation } from './monolith.ts';
import { planHere } from '../kit/planner-here.ts';
import { PlainReading } from './plain-reading.ts';
import { refusalDifferences, withoutRefusals } from './refusals.ts';
import { readSubgraph } from './sdl-facts.ts';
import { subgraphResolvers, type MutationCount } from './subgraph-resolvers.ts';
import { Truth, type TruthSettings } from './truth.ts';

/** SDL of each subgraph by its name, without the federation `@link`. */
export type Subgraphs = Readonly<Record<string, string>>;

/** One operation with its variables. */
export interface Operation {
  query: string;
  variables: Readonly<Record<string, unknown>>;
  /** Decides who asks, where there are rules. */
  callerSeed?: number;
}

/** What a subgraph was asked, and what it answered. */
export interface Exchange {
  service: string;
  query: string;
  variables: unknown;
  answer: ExecutionResult;
}

/** The two ways of the gateway: compiled programs, which fall back to the plain way, and the plain way alone. */
export const WAYS = ['quick', 'plain'] as const;
export type Way = (typeof WAYS)[number];

/** A federation behind a gateway, and the monolith beside it. */
export interface OracleFederation {
  apiSchema: GraphQLSchema;
  /** The gateway's answer; `exchanges` holds afterwards how it came about. */
  ask(operation: Operation, way: Way): Promise<PlainAnswer>;
  /** What the gateway should answer. */
  expect(operation: Operation): Expectation;
  /** Whom the last request was about, by its record; nobody where none is written. */
  subjects(): string;
  /** The plan that was made last. */
  latestPlan(): Promise<QueryPlan>;
  /** What is wrong with the latest answer, and with what departments were asked for it. */
  compare(operation: Operation, found: PlainAnswer, expected: Expectation): Difference[];
  exchanges: Exchange[];
  faults: unknown[];
  close(): Promise<void>;
}

/** Subgraphs that do not compose, with Apollo's reasons. */
export class NotComposable extends Error {
  override name = 'NotComposable';
}

/** Makes the planner of a supergraph. */
export type StartPlanner = (sdl: string, options: PlannerOptions) => Planner;

/**
 * Composes subgraphs and serves them over made-up data, through every stage of the gateway but HTTP.
 * @param startPlanner default: one without a thread, which has no time limit
 * @throws NotComposable, or UnusableFederation where no data can be made up
 */
export function openFederation(
  subgraphs: Subgraphs,
  settings: TruthSettings,
  startPlanner: StartPlanner = planHere,
): OracleFederation {
  const config = resolveConfig({ limits: LIMITS }, {});
  const facts = Object.entries(subgraphs).map(([name, sdl]) => readSubgraph(name, sdl));
  const authority = settings.accessSeed === undefined ? undefined : new MadeUpAuthority(subgraphs, facts, settings);
  const supergraph = loadSupergraph(compose(authority?.subgraphs ?? subgraphs));
  const authoriser = new Authoriser({
    access: supergraph.access,
    mode: authority ? 'enforce' : 'off',
    rules: authority?.rules,
  });
  const callerOf = ({ callerSeed }: Operation): Caller => (authority ? makeUpCaller(callerSeed ?? 0) : NOBODY);
  const { apiSchema } = supergraph;
  const truth = new Truth(facts, { api: apiSchema, full: supergraph.fullSchema }, settings);
  const monolith = createMonolith(apiSchema, truth);
  const readingFor = (operation: Operation): PlainReading | undefined =>
    authority && new PlainReading(authority, callerOf(operation), truth);
  const mutations: MutationCount = { count: 0 };
  const exchanges: Exchange[] = [];
  const faults: unknown[] = [];
  const schemas = new Map(
    facts.map((each) => [
      each.name,
      buildSubgraphSchema([
        { typeDefs: parse(LINK + subgraphs[each.name]!), resolvers: subgraphResolvers(each, facts, truth, mutations) },
      ]),
    ]),
  );
  const planner = rememberLast(startPlanner(supergraph.sdl, config.planner));
  const trail = new KeptTrail();
  const subjectClaims = Object.fromEntries(
    [...supergraph.entityKeys.keys()].map((typeName) => [`a ${typeName}`, typeName]),
  );
  const recorder = settings.traced && new Recorder({ trail, supergraph, soonClasses: [], subjectClaims });
  const gateway = (way: Way): Gateway =>
    createGateway({
      supergraph,
      planner,
      fetcher: inProcessFetcher(schemas, exchanges),
      prepare: { limits: config.limits, introspection: true },
      maxOperations: config.planner.maxOperations,
      maskErrors: false,
      usePrograms: way === 'quick',
      authoriser: () => authoriser,
      recorder,
      onFault: (fault) => faults.push(fault),
    });
  const gateways = { quick: gateway('quick'), plain: gateway('plain') };
  return {
    apiSchema,
    exchanges,
    faults,
    async ask(operation, way) {
      exchanges.length = 0;
      faults.length = 0;
      mutations.count = 0;
      trail.kept.length = 0;
      return askGateway(gateways[way], operation, callerOf(operation));
    },
    expect(operation) {
      const reading = readingFor(operation);
      const refusalOf = reading && ((...asked: Parameters<PlainReading['refusalOf']>) => reading.refusalOf(...asked));
      return monolith.expect(parse(operation.query), operation.variables, refusalOf);
    },
    compare(operation, found, expected) {
      const reading = readingFor(operation);
      const differences = compareAnswers(expected, withoutRefusals(found, reading));
      if (reading)
        differences.push(...refusalDifferences(found, expected, reading, { exchanges, schemas, facts, truth }));
      return differences;
    },
    subjects: () => (trail.kept.at(-1)?.subjects ?? []).toSorted(byText).join(', '),
    latestPlan: () => planner.latest() ?? Promise.reject(new Error('Nothing was planned.')),
    close: () => closePlanner(planner),
  };
}

const LIMITS = { maxTokens: 10_000, maxDepth: 50, maxAliases: 1_000, maxRootFields: 1_000, maxFields: 10_000 };
const REQUEST_TIMEOUT_MS = 30_000;

async function askGateway(gateway: Gateway, { query, variables }: Operation, caller: Caller): Promise<PlainAnswer> {
  const deadline = new Deadline(REQUEST_TIMEOUT_MS);
  try {
    const message = { parameters: { query, variables }, caller, mutationsAllowed: true };
    return toPlainAnswer(await gateway.handle(message, deadline));
  } finally {
    deadline.clear();
  }
}

/** Both ways plan the same operation, one after the other. */
function rememberLast(planner: Planner): Planner & { latest(): Promise<QueryPlan> | undefined } {
  let last: { asked: string; plan: Promise<QueryPlan> } | undefined;
  return {
    ready: () => planner.ready(),
    latest: () => last?.plan,
    plan(text, operationName, guarded) {
      const asked = JSON.stringify([text, guarded]);
      if (last?.asked !== asked) last = { asked, plan: planner.plan(text, operationName, guarded) };
      return last.plan;
    },
    close: () => planner.close(),
  };
}

/** Waits until the thread has loaded: whoever ends it before that ends it in the middle of its imports. */
async function closePlanner(planner: Planner): Promise<void> {
  await planner.ready().catch(() => undefined);
  await planner.close();
}

/** @throws NotComposable */
function compose(subgraphs: Subgraphs): string {
  const composed = composeSubgraphs(
    Object.entries(subgraphs).map(([name, sdl]) => ({
      name,
      routingUrl: `http://${name}.test/graphql`,
      origin: `${name}.graphql`,
      sdl: LINK + sdl,
    })),
  );
  if (composed.ok) return composed.sdl;
  throw new NotComposable(composed.problems.map(({ code, message }) => `${code}: ${message}`).join('\n'));
}

function inProcessFetcher(schemas: ReadonlyMap<string, GraphQLSchema>, exchanges: Exchange[]): Fetcher {
  return async (request) => {
    const { service } = request.template;
    const { query, variables } = JSON.parse(requestBody(request)) as {
      query: string;
      variables: Record<string, unknown>;
    };
    const answer = await graphql({ schema: schemas.get(service)!, source: query, variableValues: variables });
    exchanges.push({ service, query, variables, answer });
    return { httpStatus: 200, body: jsonBody(JSON.stringify(answer)) };
  };
}

function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}
