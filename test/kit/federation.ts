import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { Recorder } from '../../gateway/audit/recorder.ts';
import type { Trail } from '../../gateway/audit/trail.ts';
import { Authoriser, type AuthoriserOptions } from '../../gateway/authorise/authoriser.ts';
import type { Restriction } from '../../gateway/authorise/restrictions.ts';
import { NOBODY, type Caller } from '../../gateway/caller.ts';
import { resolveConfig, type ConfigInput } from '../../gateway/config/config.ts';
import { Deadline } from '../../gateway/deadline.ts';
import { GatewayFault } from '../../gateway/errors.ts';
import { bufferBody, requestBody, type Fetcher, type SubgraphRequest } from '../../gateway/execute/fetcher.ts';
import type { SubgraphResponse } from '../../gateway/execute/response.ts';
import type { GrantedReads } from '../../gateway/gateway-parts.ts';
import { createGateway } from '../../gateway/gateway.ts';
import { toPlainAnswer, type PlainAnswer } from '../../gateway/message.ts';
import type { Planner } from '../../gateway/plan/planner.ts';
import { composeSubgraphs } from '../../gateway/supergraph/compose.ts';
import { loadSupergraph } from '../../gateway/supergraph/load.ts';
import type { Resolvers } from '../../subgraphs/kit/sdl-files.ts';
import { planHere } from './planner-here.ts';

/** A subgraph of a small federation that lives in this process. */
export interface SmallSubgraph {
  /** SDL without the federation `@link`, which is added; one that begins with `extend schema` or `schema` brings its own. */
  sdl: string;
  /** What it really serves, where that is no longer what was composed. Default: `sdl`. */
  servedSdl?: string | undefined;
  resolvers?: Resolvers | undefined;
  /** Where it is served by others, and not by the test. */
  routingUrl?: string | undefined;
  /** True: it cannot be reached. Default: false. */
  isDown?: boolean;
}

/** What a subgraph was asked. */
export interface SeenRequest {
  service: string;
  query: string;
  variables: Record<string, unknown>;
}

export interface SmallFederationOptions {
  config?: ConfigInput;
  /** Served instead of what the subgraphs compose to. */
  supergraphSdl?: string | undefined;
  /** The supergraph's planner, which is not closed with the federation. Default: one without a thread. */
  planner?: Planner;
  /** How departments' rules are gone by, and which there are. Default: none. */
  authorise?: Pick<AuthoriserOptions, 'mode' | 'rules'>;
  /** What departments granted. Default: nothing. */
  grants?: GrantedReads | undefined;
  /** Subgraphs that are asked by a fetcher of their own, as departments in the gateway's process are. Default: none. */
  inProcess?: Readonly<Record<string, Fetcher>>;
  /** Where requests are recorded. Default: nowhere. */
  trail?: Pick<Trail, 'write' | 'health'>;
  /** False runs everything the plain way. Default: true. */
  usePrograms?: boolean;
  /** Changes the bytes of a subgraph's answer on their way. */
  tamper?(body: Buffer, request: SubgraphRequest): Buffer;
  /** Put in front of the subgraphs: answers, throws, or hands on to `next`. */
  intercept?(
    request: SubgraphRequest,
    next: () => Promise<SubgraphResponse>,
    deadline: Deadline,
  ): Promise<SubgraphResponse>;
}

export interface SmallFederation {
  /** @param caller default: nobody in particular */
  ask(
    query: string,
    variables?: Record<string, unknown>,
    caller?: Caller,
    operationName?: string,
  ): Promise<PlainAnswer>;
  /** How many answers were written by a program, and not the plain way. */
  programAnswers(): number;
  /** Every request a subgraph got, in order. */
  requests: SeenRequest[];
  /** What the gateway told of faults behind general messages. */
  faults: unknown[];
  /** What rules that are only reported would have withheld. */
  reported: Restriction[];
  /** Goes by other rules from now on. */
  authoriseBy(authorise: SmallFederationOptions['authorise']): void;
  close(): Promise<void>;
}

/** What every small subgraph's SDL begins with. */
export const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@provides", "@external", "@shareable", "@override", "@inaccessible", "@interfaceObject", "@tag", "@context", "@fromContext", "@authenticated", "@requiresScopes", "@policy"])\n`;

/** Composes subgraphs and serves them with every real stage of the gateway, but for HTTP. */
export async function federate(
  subgraphs: Readonly<Record<string, SmallSubgraph>>,
  {
    config = {},
    supergraphSdl,
    usePrograms = true,
    inProcess = {},
    intercept,
    tamper,
    ...options
  }: SmallFederationOptions = {},
): Promise<SmallFederation> {
  const settings = resolveConfig(config, {});
  const supergraph = loadSupergraph(supergraphSdl ?? composeSmall(subgraphs));
  const planner = options.planner ?? planHere(supergraph.sdl);
  const requests: SeenRequest[] = [];
  const faults: unknown[] = [];
  const reported: Restriction[] = [];
  const decideBy = (authorise: SmallFederationOptions['authorise']): Authoriser =>
    new Authoriser({ access: supergraph.access, mode: 'off', ...authorise });
  let authoriser = decideBy(options.authorise);
  let programAnswers = 0;
  const answerInProcess = inProcessSubgraphs(subgraphs);
  const answerHere = (request: SubgraphRequest): Promise<SubgraphResponse> => {
    const { query, variables } = JSON.parse(requestBody(request)) as Omit<SeenRequest, 'service'>;
    const seen = { service: request.template.service, query, variables };
    requests.push(seen);
    return answerInProcess(seen);
  };
  const { soonClasses, subjectClaims } = settings.audit;
  const { trail } = options;
  const gateway = createGateway({
    supergraph,
    planner,
    recorder: trail && new Recorder({ trail, supergraph, soonClasses, subjectClaims }),
    async fetcher(request, deadline) {
      const own = inProcess[request.template.service];
      if (own) return own(request, deadline);
      const response = await (intercept
        ? intercept(request, () => answerHere(request), deadline)
        : answerHere(request));
      const { data, errors } = response;
      const body = Buffer.from(JSON.stringify(errors.length > 0 ? response : { data }));
      return { httpStatus: 200, body: bufferBody(tamper ? tamper(body, request) : body) };
    },
    prepare: { limits: settings.limits, introspection: settings.introspection },
    maxOperations: settings.planner.maxOperations,
    maskErrors: settings.maskSubgraphErrors,
    authoriser: () => authoriser,
    grants: options.grants,
    onReported: (_, found) => reported.push(...found),
    usePrograms,
    tellsDepartments: Object.keys(inProcess).length > 0,
    onFault: (fault) => faults.push(fault),
  });
  return {
    programAnswers: () => programAnswers,
    requests,
    faults,
    reported,
    authoriseBy: (authorise) => void (authoriser = decideBy(authorise)),
    async ask(query, variables, caller = NOBODY, operationName?: string) {
      const deadline = new Deadline(settings.http.requestTimeoutMs);
      const message = { parameters: { query, variables, operationName }, caller, mutationsAllowed: true };
      const answer = await gateway.handle(message, deadline);
      deadline.clear();
      if ('dataText' in answer) programAnswers += 1;
      return toPlainAnswer(answer);
    },
    async close() {
      if (!options.planner) await planner.close();
    },
  };
}

/** The supergraph of small subgraphs. @throws Error with a line for each composition problem */
export function composeSmall(subgraphs: Readonly<Record<string, SmallSubgraph>>): string {
  const sources = Object.entries(subgraphs).map(([name, { sdl }]) => ({
    name,
    routingUrl: `http://${name}.test/graphql`,
    origin: `${name}.graphql`,
    sdl: withLink(sdl),
  }));
  const composed = composeSubgraphs(sources);
  if (!composed.ok) throw new Error(composed.problems.map(({ code, message }) => `${code}: ${message}`).join('\n'));
  return composed.sdl;
}

/** Small subgraphs that answer in this process. The function they give throws for one that is down. */
export function inProcessSubgraphs(
  subgraphs: Readonly<Record<string, SmallSubgraph>>,
): (request: SeenRequest) => Promise<SubgraphResponse> {
  const schemas = new Map(
    Object.entries(subgraphs).map(([name, { sdl, servedSdl = sdl, resolvers = {} }]) => [
      name,
      buildSubgraphSchema([{ typeDefs: parse(withLink(servedSdl)), resolvers }]),
    ]),
  );
  return async ({ service, query, variables }) => {
    if (subgraphs[service]?.isDown) throw new GatewayFault('SUBREQUEST_HTTP_ERROR', `${service} is down.`);
    const result = await graphql({ schema: schemas.get(service)!, source: query, variableValues: variables });
    const { data = null, errors = [] } = JSON.parse(JSON.stringify(result)) as Partial<SubgraphResponse>;
    return { data, errors };
  };
}

/** SDL with the federation `@link`, unless it brings its own. */
export function withLink(sdl: string): string {
  return /^(extend\s+)?schema\b/.test(sdl) ? sdl : LINK + sdl;
}
