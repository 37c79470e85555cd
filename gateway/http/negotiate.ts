import Negotiator from 'negotiator';

/** How an answer is written (GraphQL over HTTP, section 6). */
export interface AnswerFormat {
  contentType: string;
  /**
   * Whether an operation that could not be run is answered with its 4xx or 5xx status. A client that names
   * `application/json` expects 200 for everything that is well-formed; one that names nothing gets the telling status.
   */
  hasTellingStatus: boolean;
}

const GRAPHQL = 'application/graphql-response+json';
const JSON_TYPE = 'application/json';

const FORMATS = {
  graphql: { contentType: `${GRAPHQL}; charset=utf-8`, hasTellingStatus: true },
  json: { contentType: `${JSON_TYPE}; charset=utf-8`, hasTellingStatus: false },
  unnamed: { contentType: `${JSON_TYPE}; charset=utf-8`, hasTellingStatus: true },
} as const satisfies Record<string, AnswerFormat>;

/** Picks the format from the `Accept` header; undefined where the client accepts none of ours. */
export function negotiateFormat(accept: string | undefined): AnswerFormat | undefined {
  if (accept === undefined || accept === '' || accept === '*/*') return FORMATS.unnamed;
  const preferred = new Negotiator({ headers: { accept } }).mediaTypes([GRAPHQL, JSON_TYPE])[0];
  if (preferred === undefined) return undefined;
  const isNamed = accept.toLowerCase().includes(preferred);
  if (!isNamed) return FORMATS.unnamed;
  return preferred === GRAPHQL ? FORMATS.graphql : FORMATS.json;
}

/** The format for what goes wrong before, or because, no format could be picked. */
export const FALLBACK_FORMAT: AnswerFormat = FORMATS.unnamed;
