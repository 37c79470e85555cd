import { z } from 'zod';
import type { SourceContext, SourceKind } from '../source-kind.ts';
import { connectHttp } from './http-connection.ts';
import { readDocument } from './document-file.ts';
import { collectionSettings } from './service-collection.ts';
import { serviceLimits } from './service-limits.ts';
import { ServiceSource } from './service-source.ts';
import { httpUrl } from './service-url.ts';
import { soapService, type SoapParts } from './soap-service.ts';
import { WsdlDocument } from './wsdl-document.ts';

const settings = z.strictObject({
  /** From the manifest's folder, or an address; of version 1.1, with all schemas in it. */
  document: z.string().min(1).describe("the path or the http(s) URL of the service's WSDL"),
  /** Default: the document's first port. */
  url: z.string().optional().describe("the http(s) URL of the department's system"),
  /** In place of `url`: a WSDL that is read when the service is first asked, for the address in it, and again after a failure. */
  addressIn: z.string().optional().describe('the http(s) URL of the WSDL of the department’s system'),
  /** What a type's `from` names, where it is not one of the document's operations as it is. */
  collections: z.record(z.string(), collectionSettings).default({}),
  ...serviceLimits,
});
type Settings = z.infer<typeof settings>;

/** A SOAP service, by its WSDL. A collection is an operation, or several that the manifest puts together. */
export const soapKind: SourceKind<Settings> = {
  settings,
  secrets: ['headers'],
  async open(given, context) {
    const { document: location, headers, timeoutMs } = given;
    const text = await readDocument({ location, kind: 'WSDL', folder: context.folder, headers, timeoutMs });
    const document = new WsdlDocument(text, location);
    const { holds } = context;
    const address = readAddress(given, document, context);
    const service = soapService({ document, connection: connectHttp({ ...given, holds }), holds, address });
    return new ServiceSource({ document, service, holds, maxPages: given.maxPages }, given);
  },
};

function readAddress(
  { url, addressIn, document: location }: Settings,
  { address }: WsdlDocument,
  { nameOf }: Pick<SourceContext, 'nameOf'>,
): SoapParts['address'] {
  if (addressIn !== undefined) return { isSaidBy: httpUrl(addressIn, nameOf('addressIn')) };
  if (url !== undefined) return { is: httpUrl(url, nameOf('url')) };
  return { is: httpUrl(address ?? '', `the address in ${location}`) };
}
