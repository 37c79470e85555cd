import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { OperationTypeNode } from 'graphql';
import { onTestFinished } from 'vitest';
import { resolveConfig, type ConfigInput } from '../../gateway/config/config.ts';
import { Deadline } from '../../gateway/deadline.ts';
import type { SubgraphAnswer } from '../../gateway/execute/fetcher.ts';
import { fetchTemplate } from '../../gateway/execute/fetch-template.ts';
import { attemptEvents, type AttemptEvent } from '../../gateway/fetch/attempt-events.ts';
import { Departments } from '../../gateway/fetch/departments.ts';
import { createHttpFetcher, type HttpFetcher } from '../../gateway/fetch/http-fetcher.ts';
import { transportsOf } from '../../gateway/fetch/transports.ts';

/** A department that is asked as the gateway does, with nothing of the gateway around it. */
export interface OneDepartment {
  /** @param deadline the request's. Default: ten seconds from now */
  ask(kind?: 'query' | 'mutation', deadline?: Deadline): Promise<SubgraphAnswer>;
  /** Asks for entities. */
  askEntities(representations: readonly string[]): Promise<SubgraphAnswer>;
  fetcher: HttpFetcher;
  close(): Promise<void>;
}

/** What the department `tax` is asked: `{ a }`. */
export function askOne(url: string, settings: ConfigInput = {}): OneDepartment {
  const config = resolveConfig(settings, {});
  const fetcher = createHttpFetcher(transportsOf(new Map([['tax', url]]), config), new Departments(config));
  const ask = async (
    template: ReturnType<typeof templateOf>,
    representations: readonly string[],
    deadline = new Deadline(10_000),
  ): Promise<SubgraphAnswer> => {
    try {
      return await fetcher.fetch({ template, variablesText: '', representations }, deadline);
    } finally {
      deadline.clear();
    }
  };
  return {
    ask: (kind = 'query', deadline) => ask(templateOf(kind), [], deadline),
    askEntities: (representations) => ask(templateOf('query', true), representations),
    fetcher,
    close: () => fetcher.close(),
  };
}

function templateOf(kind: 'query' | 'mutation', isOfEntities = false) {
  const node = {
    kind: 'Fetch' as const,
    serviceName: 'tax',
    operation: isOfEntities
      ? 'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on A { n } } }'
      : `${kind} { a }`,
    operationKind: kind === 'query' ? OperationTypeNode.QUERY : OperationTypeNode.MUTATION,
    operationName: undefined,
    ...(isOfEntities && { requires: [] }),
  };
  return fetchTemplate(node, []);
}

/** What attempts end within this test. */
export function watchAttempts(): AttemptEvent[] {
  const events: AttemptEvent[] = [];
  const take = (event: unknown): void => void events.push(event as AttemptEvent);
  subscribe(attemptEvents.name, take);
  onTestFinished(() => void unsubscribe(attemptEvents.name, take));
  return events;
}
