import { z } from 'zod';
import { StartError } from '../program.ts';
import type { SourceContext, SourceKind } from '../source-kind.ts';
import { collectionSettings } from './openapi-collection.ts';
import type { OpenApiDocument } from './openapi-document.ts';
import { loadOpenApi } from './openapi-file.ts';
import { OpenApiSource } from './openapi-source.ts';
import { connectRest } from './rest-connection.ts';

function milliseconds(fallbackMs: number) {
  const whole = z.coerce.number().pipe(z.int().min(1).max(600_000));
  return whole.default(fallbackMs).describe('whole milliseconds from 1 to 600000');
}

const settings = z.strictObject({
  /** From the manifest's folder, or an address; of version 3.0 or 3.1, in JSON or YAML, in one file. */
  document: z.string().min(1).describe("the path or the http(s) URL of the service's OpenAPI document"),
  /** Default: the document's first server. */
  url: z.string().optional().describe("the http(s) URL of the department's system"),
  /** Sent with each request. */
  headers: z.record(z.string(), z.string()).default({}).describe('names, each with a text'),
  /** For one request. */
  timeoutMs: milliseconds(3_000),
  /** For one question, with all its requests, waiting and repeating. */
  deadlineMs: milliseconds(10_000),
  /** Requests at the same time, for all who ask together. */
  concurrency: z.coerce.number().pipe(z.int().min(1).max(100)).default(4).describe('a whole number from 1 to 100'),
  /** Pages of one list; a list that has more is an error. */
  maxPages: z.coerce.number().pipe(z.int().min(1).max(10_000)).default(100).describe('a whole number from 1 to 10000'),
  /** A larger answer is an error. */
  maxAnswerBytes: z.coerce
    .number()
    .pipe(z.int().min(1_024).max(1_073_741_824))
    .default(4 * 1_048_576)
    .describe('a number of bytes'),
  /** What a type's `from` names, where it is not one of the document's operations as it is. */
  collections: z.record(z.string(), collectionSettings).default({}),
});
type Settings = z.infer<typeof settings>;

/** A REST service, by its OpenAPI document. A collection is an operation, or several that the manifest puts together. */
export const openapiKind: SourceKind<Settings> = {
  settings,
  secrets: ['headers'],
  async open(given, context) {
    const { document: location, headers, timeoutMs } = given;
    const document = await loadOpenApi({ location, folder: context.folder, headers, timeoutMs });
    const url = readUrl(given, document, context);
    const { holds } = context;
    const connection = connectRest({ ...given, url, holds });
    return new OpenApiSource({ document, connection, url, holds, maxPages: given.maxPages }, given);
  },
};

function readUrl(
  { url, document: location }: Settings,
  { serverUrl }: OpenApiDocument,
  { nameOf }: Pick<SourceContext, 'nameOf'>,
): URL {
  const text = url ?? serverUrl;
  if (text === undefined)
    throw new StartError(`${location} names no server; set source.url to the http(s) URL of the department's system`);
  const base = /^https?:/i.test(location) ? location : undefined;
  const found = url === undefined ? URL.parse(text, base) : URL.parse(text);
  if (found?.protocol === 'http:' || found?.protocol === 'https:') return found;
  throw new StartError(
    `${url === undefined ? `the server of ${location}` : nameOf('url')} is "${text}"; it must be an http(s) URL`,
  );
}
