import { z } from 'zod';
import { StartError } from '../program.ts';
import type { SourceContext, SourceKind } from '../source-kind.ts';
import { collectionSettings } from './service-collection.ts';
import type { OpenApiDocument } from './openapi-document.ts';
import { readDocument } from './document-file.ts';
import { readOpenApi } from './openapi-document.ts';
import { serviceLimits } from './service-limits.ts';
import { httpUrl } from './service-url.ts';
import { ServiceSource } from './service-source.ts';
import { connectHttp } from './http-connection.ts';
import { restService } from './rest-service.ts';

const settings = z.strictObject({
  /** From the manifest's folder, or an address; of version 3.0 or 3.1, in JSON or YAML, in one file. */
  document: z.string().min(1).describe("the path or the http(s) URL of the service's OpenAPI document"),
  /** Default: the document's first server. */
  url: z.string().optional().describe("the http(s) URL of the department's system"),
  /** What a type's `from` names, where it is not one of the document's operations as it is. */
  collections: z.record(z.string(), collectionSettings).default({}),
  ...serviceLimits,
});
type Settings = z.infer<typeof settings>;

/** A REST service, by its OpenAPI document. A collection is an operation, or several that the manifest puts together. */
export const openapiKind: SourceKind<Settings> = {
  settings,
  secrets: ['headers'],
  async open(given, context) {
    const { document: location, headers, timeoutMs } = given;
    const text = await readDocument({ location, kind: 'OpenAPI document', folder: context.folder, headers, timeoutMs });
    const document = readOpenApi(text, location);
    const url = readUrl(given, document, context);
    const { holds } = context;
    const service = restService(connectHttp({ ...given, holds }), url);
    return new ServiceSource({ document, service, holds, maxPages: given.maxPages }, given);
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
  if (url !== undefined) return httpUrl(url, nameOf('url'));
  return httpUrl(URL.parse(text, base)?.href ?? text, `the server of ${location}`);
}
