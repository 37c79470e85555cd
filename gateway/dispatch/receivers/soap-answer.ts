import { ENVELOPES } from '../../../subgraphs/kit/sources/wsdl-document.ts';
import { childrenOf, parseXml, type XmlElement } from '../../../subgraphs/kit/sources/xml-tree.ts';
import { DeliveryError } from '../delivery.ts';
import { statusError, type PostAnswer } from './http-post.ts';

/** Statuses that envelopes come with: faults have 500 (SOAP 1.1, section 6.2), in 1.2 also 400. */
const WITH_ENVELOPE = [200, 202, 400, 500];

/**
 * Takes an answer for what it is: that the call was carried out, or why not. What a fault says stays with the service: it may hold values.
 *
 * @param expected the element that the operation answers with, with its namespace in braces
 * @throws DeliveryError
 */
export function checkAnswer(answer: PostAnswer, expected: string): void {
  const content = contentOf(answer);
  if (!content) {
    if (answer.status === 200) throw new DeliveryError('RECEIPT_MALFORMED', 'It is no envelope of SOAP.');
    throw statusError(answer);
  }
  if (content.name === 'Fault') throw faultError(content);
  if (`{${content.namespace}}${content.name}` !== expected)
    throw new DeliveryError('RECEIPT_MALFORMED', `It is no ${expected.replace(/^\{.*\}/, '')}.`);
}

function contentOf({ status, text }: PostAnswer): XmlElement | undefined {
  if (!WITH_ENVELOPE.includes(status)) return undefined;
  try {
    const root = parseXml(text);
    const isEnvelope = root.name === 'Envelope' && Object.values(ENVELOPES).includes(root.namespace);
    return isEnvelope ? childrenOf(root, 'Body')[0]?.children[0] : undefined;
  } catch {
    return undefined;
  }
}

/** What is wrong with the message is lasting, what is wrong with the service is not (SOAP 1.1, section 4.4; SOAP 1.2, section 5.4). */
function faultError(fault: XmlElement): DeliveryError {
  const [code = childrenOf(fault, 'Code').flatMap((each) => childrenOf(each, 'Value'))[0]] = childrenOf(
    fault,
    'faultcode',
  );
  const name = code?.text.trim().split(':').at(-1) ?? '';
  const isOfService = /^(Server|Receiver)\b/.test(name);
  const detail = /^[\w.]{1,64}$/.test(name) ? `It answered with the fault ${name}.` : 'It answered with a fault.';
  return new DeliveryError(isOfService ? 'RECEIVER_FAILED' : 'RECEIVER_REFUSED', detail);
}
