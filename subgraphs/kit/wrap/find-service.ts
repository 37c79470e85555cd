import { StartError } from '../program.ts';
import { readDocument } from '../sources/document-file.ts';
import { GraphqlDocument } from '../sources/graphql-document.ts';
import { graphqlKind, introspect } from '../sources/graphql.ts';
import { connectHttp } from '../sources/http-connection.ts';
import { readOpenApi } from '../sources/openapi-document.ts';
import type { ServiceDocument } from '../sources/service-document.ts';
import { WsdlDocument } from '../sources/wsdl-document.ts';

/** What a service's own document says, or the service itself, whichever kind of document it is. */
export interface FoundService {
  kind: 'graphql' | 'openapi' | 'soap';
  document: ServiceDocument;
  title: string | undefined;
}

export interface ServiceLocation {
  /** The document's path or address. */
  location: string;
  /** Where relative paths start. */
  folder: string;
  headers: Readonly<Record<string, string>>;
}

const DOCUMENT_TIMEOUT_MS = 10_000;

/** Reads an OpenAPI document or a WSDL, or asks a GraphQL service for its schema. @throws StartError where it is none of these */
export async function findService(asked: ServiceLocation): Promise<FoundService> {
  try {
    return await readService(asked);
  } catch (error) {
    if (!(error instanceof StartError) || !/^https?:/i.test(asked.location)) throw error;
    const document = await askForSchema(asked).catch((other: unknown) => {
      throw other instanceof StartError ? new StartError(`${error.message}; and ${other.message}`) : other;
    });
    return { kind: 'graphql', document, title: undefined };
  }
}

async function askForSchema({ location, headers }: ServiceLocation): Promise<GraphqlDocument> {
  const given = graphqlKind.settings.parse({ document: location, headers }) as Parameters<typeof graphqlKind.open>[0];
  const connection = connectHttp({ ...given, holds: 'service' });
  try {
    return new GraphqlDocument(await introspect(connection, new URL(location), DOCUMENT_TIMEOUT_MS));
  } finally {
    await connection.close();
  }
}

async function readService(asked: ServiceLocation): Promise<FoundService> {
  const { location } = asked;
  const text = await readDocument({ ...asked, kind: 'document', timeoutMs: DOCUMENT_TIMEOUT_MS });
  if (text.trimStart().startsWith('<'))
    return { kind: 'soap', document: new WsdlDocument(text, location), title: undefined };
  const document = readOpenApi(text, location);
  return { kind: 'openapi', document, title: document.title };
}
