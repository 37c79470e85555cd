import { isAscii, isUtf8 } from 'node:buffer';
import type { FragmentDefinitionNode, SelectionSetNode } from 'graphql';
import type { Caller } from '../caller.ts';
import type { Deadline } from '../deadline.ts';

/**
 * What execution needs of the outside: a way to ask a subgraph. It is handed in, so that nothing here touches the network.
 */

/** The part of a subgraph request that is the same each time the operation runs; made once, when it is compiled. */
export interface FetchTemplate {
  /** The subgraph's name. */
  readonly service: string;
  readonly operationKind: 'query' | 'mutation' | 'subscription';
  readonly operationName: string | undefined;
  /** The subgraph operation's text. */
  readonly query: string;
  /** The operation's root fields. */
  readonly selectionSet: SelectionSetNode;
  /** The text's fragments by name; the planner keeps those of the client where they fit. */
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** The request body up to the value of `variables`, as JSON text. */
  readonly bodyStart: string;
  /** Whether it asks for entities: its answer then has `_entities`, one for each representation. */
  readonly isEntityFetch: boolean;
  /** Where the objects it is for stand in the merged data, as the plan says it (see `pathSteps`); empty at the root. */
  readonly path: readonly (string | number)[];
}

/** One request to a subgraph. */
export interface SubgraphRequest {
  readonly template: FetchTemplate;
  /** Members of the variables object other than `representations`, as JSON text without the braces: `"id":"1","first":10`. */
  readonly variablesText: string;
  /** The entities asked for, each as JSON text, none twice; empty where the template asks for none. */
  readonly representations: readonly string[];
  /** On whose behalf a department is asked that is told so. Absent: nobody's in particular. */
  readonly onBehalf?: OnBehalf;
  /** Headers that say which trace the request is part of (W3C Trace Context). Absent: none. */
  readonly traceHeaders?: Readonly<Record<string, string>>;
}

/** Whose request it is that a department is asked for: one object for all that is asked for one client's request. */
export interface OnBehalf {
  readonly caller: Caller;
  /** The request's name in the trail. */
  readonly queryId: string;
  /**
   * For departments in the gateway's own process: adds to the names of those that the request is about (see `subjectName`), for its
   * record in the trail. Absent: there is no record.
   */
  noteSubjects?(names: readonly string[]): void;
}

/** What came back: whatever it is, nothing in it has been looked at. */
export interface SubgraphAnswer {
  httpStatus: number;
  body: AnswerBody;
  /** The `cache-control` header, where it came over HTTP with one. */
  cacheControl?: string | undefined;
  /** The `age` header, where it came through a cache of others: how many seconds it was there. */
  age?: string | undefined;
  /** How many of the entities were not asked for, because they were remembered, or another request was just
   * asking for them; 1 for root fields. Absent: none. */
  remembered?: number;
  /** When the oldest of what was remembered was asked for, in milliseconds of `Date.now()`. Absent: nothing was. */
  rememberedSinceMs?: number;
}

/**
 * The bytes of an answer, a character for each. A text of this kind costs a third of what a buffer and its memory outside
 * the heap do, is read by position, and can be written to a socket as it is.
 */
export interface AnswerBody {
  readonly bytes: string;
  /** Of what its bytes are: characters by themselves, UTF-8, or neither. */
  readonly encoding: 'ascii' | 'utf8' | 'unknown';
}

/** The body that bytes are. */
export function answerBody(bytes: string, isAscii: boolean): AnswerBody {
  if (isAscii) return { bytes, encoding: 'ascii' };
  return { bytes, encoding: isUtf8(Buffer.from(bytes, 'latin1')) ? 'utf8' : 'unknown' };
}

/** The body of an answer that does not come from a socket. */
export function bufferBody(buffer: Buffer): AnswerBody {
  return answerBody(buffer.toString('latin1'), isAscii(buffer));
}

/** The body of an answer that this process makes. */
export function jsonBody(json: string): AnswerBody {
  return bufferBody(Buffer.from(json));
}

/** The text that a body's bytes are in UTF-8; what is none becomes U+FFFD. */
export function bodyText({ bytes, encoding }: AnswerBody): string {
  return encoding === 'ascii' ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

/**
 * Asks a subgraph.
 *
 * @param deadline the end of the request's time; what is not there by then is given up
 * @throws GatewayFault with a `SUBREQUEST_*` code when there is no answer at all
 */
export type Fetcher = (request: SubgraphRequest, deadline: Deadline) => Promise<SubgraphAnswer>;

/** A fetcher for one client's request: asks as `fetcher` does, and says on whose behalf. */
export function askingFor(fetcher: Fetcher, onBehalf: OnBehalf): Fetcher {
  return (request, deadline) => fetcher({ ...request, onBehalf }, deadline);
}

/** The whole body of a request, as JSON text. */
export function requestBody({ template, variablesText, representations }: SubgraphRequest): string {
  if (!template.isEntityFetch) return `${template.bodyStart}{${variablesText}}}`;
  const separator = variablesText === '' ? '' : ',';
  return `${template.bodyStart}{"representations":[${representations.join(',')}]${separator}${variablesText}}}`;
}
