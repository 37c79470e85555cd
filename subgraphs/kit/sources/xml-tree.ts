import { SaxesParser, type SaxesTagNS } from 'saxes';

/** An element, with what is in it. */
export interface XmlElement {
  /** Without its prefix. */
  name: string;
  namespace: string;
  /** By their names as they are written. */
  attributes: ReadonlyMap<string, string>;
  /** What prefixes stand for here. */
  namespaces: Readonly<Record<string, string>>;
  children: XmlElement[];
  /** All texts in it together. */
  text: string;
}

/** A text that is no XML, or more than is read; the message stands behind "because". */
export class XmlFault extends Error {
  override name = 'XmlFault';
}

/** Elements in each other. */
const MAX_DEPTH = 100;
/** Elements in all. */
const MAX_ELEMENTS = 200_000;

/**
 * Reads a short document whole. One that declares types of its own is refused (SOAP 1.1, section 3, says that no message has any): the entities
 * in them could make gigabytes of a few lines, or name other files.
 *
 * @throws XmlFault
 */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true });
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let count = 0;
  parser.on('doctype', () => fail('it declares types of its own (DOCTYPE)'));
  parser.on('opentag', (tag) => {
    count += 1;
    if (count > MAX_ELEMENTS) fail(`it has more than ${MAX_ELEMENTS} elements`);
    if (open.length === MAX_DEPTH) fail(`it has more than ${MAX_DEPTH} elements in each other`);
    const parent = open.at(-1);
    const element = elementOf(tag, parent);
    parent?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  const addText = (part: string): void => {
    const element = open.at(-1);
    if (element) element.text += part;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof XmlFault) throw error;
    throw new XmlFault(`it is no XML (${(error as Error).message})`);
  }
  return root ?? fail('it is empty');
}

function fail(message: string): never {
  throw new XmlFault(message);
}

function elementOf({ local, uri, attributes, ns }: SaxesTagNS, parent: XmlElement | undefined): XmlElement {
  const outer = parent?.namespaces ?? {};
  return {
    name: local,
    namespace: uri,
    attributes: new Map(Object.entries(attributes).map(([name, { value }]) => [name, value])),
    namespaces: Object.keys(ns).length > 0 ? { ...outer, ...ns } : outer,
    children: [],
    text: '',
  };
}

/** The elements of a name in an element. */
export function childrenOf({ children }: XmlElement, name: string): XmlElement[] {
  return children.filter((each) => each.name === name);
}

/** A name with its namespace: `{urn:x}Name`. */
export function expandedName({ namespaces }: XmlElement, written: string): string {
  const [prefix, local] = written.includes(':') ? written.split(':', 2) : ['', written];
  return `{${namespaces[prefix!] ?? ''}}${local}`;
}
