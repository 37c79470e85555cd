import { LRUCache } from 'lru-cache';
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

/** Formats by `Accept` headers that came before: clients send the same one each time. */
const known = new LRUCache<string, { format: AnswerFormat | undefined }>({ max: 100 });
/** A longer header is picked apart each time, so that nobody fills the memory with them. */
const MAX_KNOWN_LENGTH = 500;

/** Picks the format from the `Accept` header; undefined where the client accepts none of ours. */
export function negotiateFormat(accept = ''): AnswerFormat | undefined {
  if (accept.length > MAX_KNOWN_LENGTH) return pickFormat(accept);
  let picked = known.get(accept);
  if (!picked) known.set(accept, (picked = { format: pickFormat(accept) }));
  return picked.format;
}

function pickFormat(accept: string): AnswerFormat | undefined {
  if (accept === '' || accept === '*/*') return FORMATS.unnamed;
  const preferred = new Negotiator({ headers: { accept } }).mediaTypes([GRAPHQL, JSON_TYPE])[0];
  if (preferred === undefined) return undefined;
  const isNamed = accept.toLowerCase().includes(preferred);
  if (!isNamed) return FORMATS.unnamed;
  return preferred === GRAPHQL ? FORMATS.graphql : FORMATS.json;
}

/** The format for what goes wrong before, or because, no format could be picked. */
export const FALLBACK_FORMAT: AnswerFormat = FORMATS.unnamed;
