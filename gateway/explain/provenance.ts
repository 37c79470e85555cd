import type { Deadline } from '../deadline.ts';
import type { Fetcher, FetchTemplate, SubgraphAnswer } from '../execute/fetcher.ts';
import type { Gateway, ReadyRequest } from '../gateway.ts';
import type { AnswerMessage, RequestMessage } from '../message.ts';
import type { ServedSupergraph } from '../supergraph/load.ts';
import { findFieldOrigins } from './field-origins.ts';
import { findFetch, listFetches } from './planned-fetches.ts';

/** Where some fields of an answer come from, and as of when. */
export interface FieldsProvenance {
  /** The subgraph's name. */
  department: string;
  /** The client's response names from the root, with dots between them; lists are left out. */
  paths: string[];
  /** Whether it was remembered: all of it, a part of its entities, or none. */
  cached: 'all' | 'part' | 'none';
  /** When the oldest of it was asked of the department, as ISO 8601 in UTC. */
  asOf: string;
  /** How many seconds ago that is. */
  ageSeconds: number;
}

/** What answering with provenance needs. */
export interface ProvenanceParts {
  gateway: Pick<Gateway, 'handle'>;
  supergraph: ServedSupergraph;
  /** Asks departments, or the cache before them. */
  fetcher: Fetcher;
  /** Told where provenance could not be found; the answer is given without. */
  onFault(error: unknown): void;
}

/**
 * Answers as the gateway does, and where a request asks for it by `"extensions": { "provenance": true }`, with `extensions.provenance`: which department each field is of, and how old it is. Who may see a field may
 * know that of it, and nothing is told of what is withheld.
 */
export function answerWithProvenance(
  parts: ProvenanceParts,
): (request: RequestMessage, deadline: Deadline) => Promise<AnswerMessage> {
  const { handle } = parts.gateway;
  return async (request, deadline) => {
    if (request.parameters.extensions?.['provenance'] !== true) return handle(request, deadline);
    const asked: AskedFetch[] = [];
    let ready: ReadyRequest | undefined;
    const fetcher = watch(parts.fetcher, asked);
    const answer = await handle(request, deadline, fetcher, (what) => (ready = what));
    if (!ready) return answer;
    try {
      const provenance = provenanceOf(ready, asked, parts.supergraph);
      // What the trail has the digest of is the answer without it.
      const { recorded, extensions, ...told } = answer;
      const named = recorded && { recorded: { queryId: recorded.queryId } };
      return { ...told, ...named, extensions: { ...extensions, provenance } };
    } catch (error) {
      parts.onFault(error);
      return answer;
    }
  };
}

/** A request that was answered. */
interface AskedFetch {
  template: FetchTemplate;
  /** Entities, or 1 for root fields. */
  rows: number;
  /** When it was asked for, in milliseconds of `Date.now()`. */
  askedAtMs: number;
  answer: SubgraphAnswer;
}

function watch(fetcher: Fetcher, asked: AskedFetch[]): Fetcher {
  return async (request, deadline) => {
    const askedAtMs = Date.now();
    const answer = await fetcher(request, deadline);
    const { template, representations } = request;
    asked.push({ template, rows: template.isEntityFetch ? representations.length : 1, askedAtMs, answer });
    return answer;
  };
}

function provenanceOf(
  { prepared, plan, variables }: ReadyRequest,
  asked: readonly AskedFetch[],
  supergraph: ServedSupergraph,
): FieldsProvenance[] {
  const fetches = listFetches(plan, variables);
  const origins = findFieldOrigins(prepared, fetches, { ...supergraph, variables });
  return fetches.flatMap(({ number, template: { service } }) => {
    const paths = origins.filter(({ from }) => from.some(({ fetch }) => fetch === number)).map(({ path }) => path);
    const own = asked.filter(({ template }) => findFetch(fetches, template)?.number === number);
    // What another fetch of the department gave was not asked for again.
    const giving = own.length > 0 ? own : asked.filter(({ template }) => template.service === service);
    if (paths.length === 0 || giving.length === 0) return [];
    return [{ department: service, paths: [...new Set(paths)], ...ageOf(giving) }];
  });
}

function ageOf(asked: readonly AskedFetch[]): Omit<FieldsProvenance, 'department' | 'paths'> {
  const rows = sum(asked.map((each) => each.rows));
  const remembered = sum(asked.map(({ answer }) => answer.remembered ?? 0));
  const asOfMs = Math.min(...asked.map(sinceOf));
  return {
    cached: remembered === 0 ? 'none' : remembered === rows ? 'all' : 'part',
    asOf: new Date(asOfMs).toISOString(),
    ageSeconds: Math.max(0, Math.round((Date.now() - asOfMs) / 1_000)),
  };
}

/** Since when an answer is known; a cache of others on the way says how long it had it (RFC 9111, section 5.1). */
function sinceOf({ answer: { rememberedSinceMs, age = '0' }, askedAtMs }: AskedFetch): number {
  return rememberedSinceMs ?? askedAtMs - (/^\d{1,9}$/.test(age) ? Number(age) * 1_000 : 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
