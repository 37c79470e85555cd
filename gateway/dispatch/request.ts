import { DispatchRefusal } from './refusal.ts';

/** A dispatch as clients of the graph write it: the settings' form, but for what GraphQL has no type for. */
export interface DispatchRequest {
  readonly variables?: string | null;
  readonly columns?: readonly { readonly name: string; readonly path: string }[] | null;
  readonly trigger?: { readonly everyMs?: string | null } | null;
  readonly [name: string]: unknown;
}

/** What a client asks for, to be checked as a definition. @throws DispatchRefusal where variables are no JSON */
export function readRequest({ variables, columns, trigger, ...request }: DispatchRequest): unknown {
  const { everyMs, ...triggered } = trigger ?? {};
  return withoutNull({
    ...request,
    variables: readVariables(variables),
    columns: columns && Object.fromEntries(columns.map(({ name, path }) => [name, path])),
    trigger: withoutNull({ ...triggered, everyMs: everyMs == null ? null : Number(everyMs) }),
    pages: request['pages'] && withoutNull(request['pages']),
  });
}

function readVariables(variables: string | null | undefined): unknown {
  try {
    return JSON.parse(variables ?? '{}');
  } catch (error) {
    throw new DispatchRefusal(`variables are no JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** A client may say that something is not given by leaving it out or by null. */
function withoutNull(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null && member !== undefined));
}
