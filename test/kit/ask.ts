/** A GraphQL answer as JSON. */
export interface Answer {
  data?: Record<string, unknown> | null;
  errors?: { message: string; path?: (string | number)[]; extensions?: { code?: string; service?: string } }[];
}

/** Sends one operation to a GraphQL endpoint. */
export function ask(url: string, query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
  return askWith({}, url, query, variables);
}

/** Sends one operation with headers of its own, as somebody. */
export async function askWith(
  headers: Readonly<Record<string, string>>,
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer;
}
