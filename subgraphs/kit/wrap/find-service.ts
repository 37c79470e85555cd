import { readDocument } from '../sources/document-file.ts';
import { readOpenApi } from '../sources/openapi-document.ts';
import type { ServiceDocument } from '../sources/service-document.ts';
import { WsdlDocument } from '../sources/wsdl-document.ts';

/** What a service's own document says, whichever kind of document it is. */
export interface FoundService {
  kind: 'openapi' | 'soap';
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

/** Reads an OpenAPI document or a WSDL. @throws StartError where it cannot be read, or is neither */
export async function findService(asked: ServiceLocation): Promise<FoundService> {
  const { location } = asked;
  const text = await readDocument({ ...asked, kind: 'document', timeoutMs: DOCUMENT_TIMEOUT_MS });
  if (text.trimStart().startsWith('<'))
    return { kind: 'soap', document: new WsdlDocument(text, location), title: undefined };
  const document = readOpenApi(text, location);
  return { kind: 'openapi', document, title: document.title };
}
