import { suggestion } from '../manifest/strict-object.ts';
import { StartError } from '../program.ts';
import { asObject } from './json-values.ts';
import type { JsonSchema, Operation, Parameter, ServiceDocument } from './service-document.ts';
import { childrenOf, expandedName, parseXml, XmlFault, type XmlElement } from './xml-tree.ts';
import { XsdTypes, type Particle, type XsdType } from './xsd-types.ts';

/** How an operation is said in SOAP. */
export interface SoapOperation {
  version: SoapVersion;
  /** The header `SOAPAction`. */
  action: string;
  input: { name: string; namespace: string; particles: readonly Particle[] };
  /** With its namespace in braces. */
  output: string;
}

export type SoapVersion = '1.1' | '1.2';

/** Namespaces of envelopes. */
export const ENVELOPES: Readonly<Record<SoapVersion, string>> = {
  '1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
  '1.2': 'http://www.w3.org/2003/05/soap-envelope',
};

const BINDINGS: Readonly<Record<string, SoapVersion>> = {
  'http://schemas.xmlsoap.org/wsdl/soap/': '1.1',
  'http://schemas.xmlsoap.org/wsdl/soap12/': '1.2',
};

/** Elements in elements of a request that are parameters. */
const MAX_DEPTH = 4;

/** A service's WSDL (1.1): its operations of style document/literal over HTTP. */
export class WsdlDocument implements ServiceDocument {
  readonly operations: readonly Operation[];
  /** Where its first SOAP port is. */
  readonly address: string | undefined;
  readonly #types: XsdTypes;
  readonly #soap = new Map<string, SoapOperation>();
  /** Why an operation cannot be asked. */
  readonly #refused = new Map<string, string>();

  /**
   * @param name what messages call it: its file or address
   * @throws StartError where it is no WSDL, or has no SOAP port
   */
  constructor(text: string, name: string) {
    const root = readRoot(text, name);
    const schemas = childrenOf(root, 'types').flatMap((types) => childrenOf(types, 'schema'));
    this.#types = new XsdTypes(schemas);
    const port = soapPort(root);
    if (!port) throw new StartError(`${name} has no port of SOAP over HTTP`);
    this.address = port.address;
    const asked = childrenOf(port.binding, 'operation').map((operation) => this.#read(root, operation, port));
    this.operations = asked.filter((operation) => operation !== undefined);
  }

  operation(name: string): Operation | undefined {
    const reason = this.#refused.get(name);
    if (reason !== undefined) throw new StartError(`${name} cannot be asked: ${reason}`);
    return this.operations.find((each) => each.name === name);
  }

  /** A WSDL says nothing of what belongs together. */
  beside(): undefined {
    return undefined;
  }

  /** How one of its operations is said. */
  soap(name: string): SoapOperation {
    return this.#soap.get(name)!;
  }

  schema(given: unknown): JsonSchema {
    const schema = asObject(given) ?? {};
    return typeof schema['$xsd'] === 'function' ? (schema['$xsd'] as () => JsonSchema)() : schema;
  }

  #read(root: XmlElement, bound: XmlElement, { binding, version }: SoapPort): Operation | undefined {
    const name = bound.attributes.get('name') ?? '';
    try {
      const soap = bound.children.find((each) => each.name === 'operation' && each.namespace in BINDINGS);
      const style = soap?.attributes.get('style') ?? bindingStyle(binding);
      if (style !== 'document') throw new StartError(`it is of style ${style}, and only document/literal is known`);
      const declared = portOperation(root, binding, name);
      const input = elementOfMessage(root, declared, 'input');
      const output = elementOfMessage(root, declared, 'output');
      const particles = this.#types.particles(this.#types.elementType(expandedOf(input))) ?? [];
      const action = soap?.attributes.get('soapAction') ?? '';
      this.#soap.set(name, { version, action, input: { ...input, particles }, output: expandedOf(output) });
      return {
        name,
        path: '',
        summary: childrenOf(declared, 'documentation')[0]?.text.trim(),
        parameters: this.#parameters(particles, '', 1),
        answer: this.#types.schema(this.#types.elementType(expandedOf(output))),
        absent: undefined,
        answerHeaders: [],
      };
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      this.#refused.set(name, error.message);
      return undefined;
    }
  }

  #parameters(particles: readonly Particle[], before: string, depth: number): Parameter[] {
    return particles.flatMap((particle) => {
      const name = `${before}${particle.name}`;
      const inner = particle.most === 1 && depth < MAX_DEPTH ? this.#types.particles(particle.type) : undefined;
      if (!inner) return [this.#parameter(particle, name)];
      const parameters = this.#parameters(inner, `${name}.`, depth + 1);
      return particle.isRequired ? parameters : parameters.map((each) => ({ ...each, isRequired: false }));
    });
  }

  #parameter({ isRequired, most, type }: Particle, name: string): Parameter {
    const maxItems = Number.isFinite(most) ? most : undefined;
    return {
      ...{ name, in: 'body', isRequired, description: undefined },
      schema: this.#types.schema(type),
      list: most > 1 ? { delimiter: null, maxItems } : undefined,
    };
  }

  /** The elements of a type, for whoever writes a request. */
  particles(type: XsdType): Particle[] | undefined {
    return this.#types.particles(type);
  }
}

function readRoot(text: string, name: string): XmlElement {
  try {
    const root = parseXml(text);
    if (root.name === 'definitions' && root.namespace === 'http://schemas.xmlsoap.org/wsdl/') return root;
  } catch (error) {
    if (!(error instanceof XmlFault)) throw error;
    throw new StartError(`${name} is no WSDL: ${error.message}`);
  }
  throw new StartError(`${name} is no WSDL of version 1.1`);
}

interface SoapPort {
  binding: XmlElement;
  version: SoapVersion;
  address: string | undefined;
}

/** The first port of SOAP 1.1, else of 1.2. */
function soapPort(root: XmlElement): SoapPort | undefined {
  const ports = childrenOf(root, 'service').flatMap((service) => childrenOf(service, 'port'));
  const found = ports.flatMap((port): SoapPort[] => {
    const binding = childrenOf(root, 'binding').find(
      ({ attributes }) => attributes.get('name') === localOf(port.attributes.get('binding')),
    );
    const soap = binding?.children.find((each) => each.name === 'binding' && each.namespace in BINDINGS);
    const address = childrenOf(port, 'address')[0]?.attributes.get('location');
    return binding && soap ? [{ binding, version: BINDINGS[soap.namespace]!, address }] : [];
  });
  return found.find(({ version }) => version === '1.1') ?? found[0];
}

function bindingStyle(binding: XmlElement): string {
  return childrenOf(binding, 'binding')[0]?.attributes.get('style') ?? 'document';
}

function portOperation(root: XmlElement, binding: XmlElement, name: string): XmlElement {
  const type = localOf(binding.attributes.get('type'));
  const portType = childrenOf(root, 'portType').find(({ attributes }) => attributes.get('name') === type);
  const operations = portType ? childrenOf(portType, 'operation') : [];
  const found = operations.find(({ attributes }) => attributes.get('name') === name);
  if (found) return found;
  const names = operations.map(({ attributes }) => attributes.get('name') ?? '');
  throw new StartError(`its port type has no such operation${suggestion(name, names)}`);
}

interface QualifiedName {
  name: string;
  namespace: string;
}

function elementOfMessage(root: XmlElement, operation: XmlElement, direction: 'input' | 'output'): QualifiedName {
  const message = localOf(childrenOf(operation, direction)[0]?.attributes.get('message'));
  const found = childrenOf(root, 'message').find(({ attributes }) => attributes.get('name') === message);
  const parts = found ? childrenOf(found, 'part') : [];
  const element = parts[0]?.attributes.get('element');
  if (parts.length !== 1 || element === undefined)
    throw new StartError(`its ${direction} is not one element, as document/literal has it`);
  const [, namespace = '', name = ''] = /^\{(.*)\}(.*)$/.exec(expandedName(parts[0]!, element)) ?? [];
  return { name, namespace };
}

function expandedOf({ name, namespace }: QualifiedName): string {
  return `{${namespace}}${name}`;
}

function localOf(written: string | undefined): string | undefined {
  return written?.split(':').at(-1);
}
