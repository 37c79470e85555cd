import { ENVELOPES, type SoapOperation, type WsdlDocument } from '../../../subgraphs/kit/sources/wsdl-document.ts';
import type { Particle } from '../../../subgraphs/kit/sources/xsd-types.ts';
import { DeliveryError } from '../delivery.ts';
import { elementText } from './xml-text.ts';

/** Texts by the paths of elements, with dots: `head.id`. */
export type ElementTexts = ReadonlyMap<string, string>;

/** What a message says. */
export interface SoapMessage {
  readonly texts: ElementTexts;
  /** Elements that stand there as often as there are texts for them; paths in these begin at the element. */
  readonly lists: ReadonlyMap<string, readonly ElementTexts[]>;
}

/** How a message is addressed (WS-Addressing 1.0). */
export interface Addressing {
  readonly messageId: string;
  readonly to: string;
}

const ADDRESSING = 'http://www.w3.org/2005/08/addressing';

/**
 * Writes a message as its operation has it.
 * @throws DeliveryError DELIVERY_UNFIT where the operation needs more than is said, or has no place for what is
 */
export function soapEnvelope(
  document: WsdlDocument,
  { version, action, input }: SoapOperation,
  { message, addressing }: { message: SoapMessage; addressing: Addressing },
): string {
  const writer = new MessageWriter(document, message.lists);
  const inside = writer.write(input.particles, { texts: message.texts, before: '', namespace: input.namespace });
  writer.refuseUnplaced(message);
  const head = Object.entries({ Action: action, MessageID: addressing.messageId, To: addressing.to })
    .map(([name, text]) => `<wsa:${name}>${elementText(text)}</wsa:${name}>`)
    .join('');
  const body = `<${input.name} xmlns="${elementText(input.namespace)}">${inside}</${input.name}>`;
  return `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${ENVELOPES[version]}" xmlns:wsa="${ADDRESSING}"><soap:Header>${head}</soap:Header><soap:Body>${body}</soap:Body></soap:Envelope>`;
}

interface Place {
  texts: ElementTexts;
  /** Names of the elements around, with dots. */
  before: string;
  /** What elements without a prefix are in here. */
  namespace: string;
}

/** Writes elements in the order of their schema, and knows what it has written. */
class MessageWriter {
  readonly #document: WsdlDocument;
  readonly #lists: SoapMessage['lists'];
  readonly #placed = new Map<ElementTexts, Set<string>>();
  readonly #placedLists = new Set<string>();

  constructor(document: WsdlDocument, lists: SoapMessage['lists']) {
    this.#document = document;
    this.#lists = lists;
  }

  write(particles: readonly Particle[], place: Place): string {
    return particles.map((particle) => this.#element(particle, place)).join('');
  }

  /** What there is no element for would be lost without a word. */
  refuseUnplaced({ texts, lists }: SoapMessage): void {
    const names = [...lists.keys()].filter((name) => !this.#placedLists.has(name));
    const unplaced = [texts, ...[...lists.values()].flat()].flatMap((each) =>
      [...each.keys()].filter((name) => !this.#placed.get(each)?.has(name)),
    );
    const [missing] = [...names, ...unplaced];
    if (missing === undefined) return;
    throw new DeliveryError('DELIVERY_UNFIT', `The message has no element ${missing} that can hold what is for it.`);
  }

  #element(particle: Particle, { texts, before, namespace }: Place): string {
    const path = `${before}${particle.name}`;
    const declared = particle.namespace === namespace ? '' : ` xmlns="${elementText(particle.namespace)}"`;
    const around = (inside: string): string => `<${particle.name}${declared}>${inside}</${particle.name}>`;
    const inner = this.#document.particles(particle.type);
    const list = this.#lists.get(path);
    if (list && inner) {
      this.#placedLists.add(path);
      return list
        .map((each) => around(this.write(inner, { texts: each, before: '', namespace: particle.namespace })))
        .join('');
    }
    const text = inner ? undefined : texts.get(path);
    if (text !== undefined) {
      this.#note(texts, path);
      return around(elementText(text, path));
    }
    const isInside = inner && [...texts.keys(), ...this.#lists.keys()].some((name) => name.startsWith(`${path}.`));
    if (isInside) return around(this.write(inner, { texts, before: `${path}.`, namespace: particle.namespace }));
    if (particle.isRequired)
      throw new DeliveryError('DELIVERY_UNFIT', `The message needs ${path}, and nothing is for it.`);
    return '';
  }

  #note(texts: ElementTexts, path: string): void {
    const placed = this.#placed.get(texts);
    if (placed) placed.add(path);
    else this.#placed.set(texts, new Set([path]));
  }
}
