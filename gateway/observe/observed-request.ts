import type { GraphQLSchema } from 'graphql';
import { GatewayFault } from '../errors.ts';
import type { Fetcher, SubgraphAnswer, SubgraphRequest } from '../execute/fetcher.ts';
import type { AnswerMessage, RequestMessage } from '../message.ts';
import type { PreparedOperation } from '../operation/prepare.ts';

/** What a request goes through. Execution by a program projects too. */
export type Stage = 'prepare' | 'authorise' | 'plan' | 'execute' | 'project' | 'audit';

/** Watches requests. It changes no answer: what it throws goes to the gateway's faults, and the request goes on. */
export interface RequestObserver {
  /** A request has come. */
  began?(request: ObservedRequest): void;
  /** A department is about to be asked; gives the headers that say which trace that is part of. Default: none. */
  fetchBegins?(request: ObservedRequest, fetch: ObservedFetch): Readonly<Record<string, string>> | undefined;
  /** The answer is there, and about to leave. */
  ended(request: ObservedRequest): void;
}

/** An observer, and who is told of what it throws. */
export interface Watching {
  readonly observer: RequestObserver;
  onFault(error: unknown): void;
}

/** A stage that a request came to; it ended when the next one began. */
export interface EnteredStage {
  readonly stage: Stage;
  /** In milliseconds of `performance.now()`. */
  readonly beganMs: number;
}

/** What became known of one request on its way. */
export class ObservedRequest {
  readonly message: RequestMessage;
  /** In milliseconds of `performance.now()`, as all times here. */
  readonly beganMs = performance.now();
  /** In the order in which they began; what was refused on its way came to fewer. */
  readonly stages: EnteredStage[] = [{ stage: 'prepare', beganMs: this.beganMs }];
  /** What departments were asked, in the order in which it began. What is remembered is asked for like the rest. */
  readonly fetches: ObservedFetch[] = [];
  /** Absent where it could not be read, or is not valid. */
  operation: PreparedOperation | undefined;
  /** Whose fields the operation asks for. Absent where `operation` is. */
  schema: GraphQLSchema | undefined;
  /** What left. Absent until then. */
  answer: AnswerMessage | undefined;
  endedMs = 0;
  readonly #watching: Watching;

  constructor(message: RequestMessage, watching: Watching) {
    this.message = message;
    this.#watching = watching;
    this.#tell(() => watching.observer.began?.(this));
  }

  /** It is known what is asked. @param schema whose fields it asks for */
  recognise(operation: PreparedOperation, schema: GraphQLSchema): void {
    this.operation = operation;
    this.schema = schema;
  }

  /** The next stage begins. */
  enter(stage: Stage): void {
    this.stages.push({ stage, beganMs: performance.now() });
  }

  /** A fetcher that asks as the other does, and is watched. */
  watch(fetcher: Fetcher): Fetcher {
    const { observer } = this.#watching;
    return (request, deadline) => {
      const fetch = new ObservedFetch(request);
      this.fetches.push(fetch);
      const traceHeaders = observer.fetchBegins && this.#tell(() => observer.fetchBegins!(this, fetch));
      const answering = fetcher(traceHeaders ? { ...request, traceHeaders } : request, deadline);
      // Whoever asked looks at the answer after this, and at its absence too.
      answering.then(
        (answer) => fetch.answered(answer),
        (error: unknown) => fetch.failed(error),
      );
      return answering;
    };
  }

  /** To be called once, with what is about to leave. */
  end(answer: AnswerMessage): void {
    this.answer = answer;
    this.endedMs = performance.now();
    this.#tell(() => this.#watching.observer.ended(this));
  }

  #tell<Value>(tell: () => Value): Value | undefined {
    try {
      return tell();
    } catch (error) {
      this.#watching.onFault(error);
      return undefined;
    }
  }
}

/** One request to a department, or to what remembers its answers. */
export class ObservedFetch {
  readonly request: SubgraphRequest;
  readonly beganMs = performance.now();
  /** Undefined while it is under way. */
  endedMs: number | undefined;
  answer: SubgraphAnswer | undefined;
  /** A code of the catalogue; absent where there is an answer. */
  errorCode: GatewayFault['code'] | undefined;

  constructor(request: SubgraphRequest) {
    this.request = request;
  }

  /** Entities it asks for; 1 where it asks for root fields. */
  get rows(): number {
    const { template, representations } = this.request;
    return template.isEntityFetch ? representations.length : 1;
  }

  /** How many of them were remembered. */
  get remembered(): number {
    return this.answer?.remembered ?? 0;
  }

  answered(answer: SubgraphAnswer): void {
    this.endedMs = performance.now();
    this.answer = answer;
  }

  failed(error: unknown): void {
    this.endedMs = performance.now();
    this.errorCode = error instanceof GatewayFault ? error.code : 'INTERNAL_SERVER_ERROR';
  }
}
