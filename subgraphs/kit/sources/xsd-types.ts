import { StartError } from '../program.ts';
import type { JsonSchema } from './service-document.ts';
import { childrenOf, expandedName, type XmlElement } from './xml-tree.ts';

/** An element that another one has in it. */
export interface Particle {
  name: string;
  /** Empty where it has none. */
  namespace: string;
  isRequired: boolean;
  /** How often it may be there; Infinity where there is no end. */
  most: number;
  type: XsdType;
}

/** A type of a schema, or one of XML Schema itself. */
export interface XsdType {
  /** `{http://www.w3.org/2001/XMLSchema}int`; undefined where it stands in an element. */
  name: string | undefined;
  node: XmlElement | undefined;
  scope: SchemaScope;
}

/** What holds for all of one schema. */
interface SchemaScope {
  target: string;
  /** Whether elements in elements are in the schema's namespace. */
  isQualified: boolean;
}

const XSD = 'http://www.w3.org/2001/XMLSchema';
/** Types that extend others. Longer chains lead in a circle. */
const MAX_BASES = 16;

/** The types and elements of a WSDL's schemas, as JSON Schema has them. */
export class XsdTypes {
  readonly #types = new Map<string, XsdType>();
  readonly #elements = new Map<string, { node: XmlElement; scope: SchemaScope }>();

  constructor(schemas: readonly XmlElement[]) {
    for (const schema of schemas) {
      const target = schema.attributes.get('targetNamespace') ?? '';
      const scope = { target, isQualified: schema.attributes.get('elementFormDefault') === 'qualified' };
      for (const node of schema.children) {
        const name = `{${target}}${node.attributes.get('name')}`;
        if (node.name === 'element') this.#elements.set(name, { node, scope });
        else if (node.name === 'complexType' || node.name === 'simpleType')
          this.#types.set(name, { name, node, scope });
      }
    }
  }

  /** The type of an element that stands by itself. @throws StartError where there is none */
  elementType(name: string): XsdType {
    const found = this.#elements.get(name);
    if (!found) throw new StartError(`the WSDL has no element ${name}; schemas that it imports must stand in it`);
    return this.#typeOf(found.node, found.scope);
  }

  /** The elements in an element of a type; undefined where it holds a text. */
  particles(type: XsdType, depth = 0): Particle[] | undefined {
    const { node, scope } = type;
    if (!node || node.name === 'simpleType' || childrenOf(node, 'simpleContent').length > 0) return undefined;
    if (depth > MAX_BASES) throw new StartError(`the WSDL's type ${type.name} extends itself`);
    const extended = childrenOf(node, 'complexContent').flatMap((content) => childrenOf(content, 'extension'));
    const ofBases = extended.flatMap((extension) => {
      const base = this.#named(extension, extension.attributes.get('base') ?? '', scope);
      return this.particles(base, depth + 1) ?? [];
    });
    return [...ofBases, ...[node, ...extended].flatMap((each) => this.#particlesIn(each, scope, true))];
  }

  /** What values and elements of a type are, those in it to be had by calling `$xsd`. */
  schema(type: XsdType): JsonSchema {
    const particles = this.particles(type);
    if (!particles) return this.#simple(type, 0);
    const properties = particles.map(({ name, most, type: inner }): [string, object] => {
      const item = { $xsd: () => this.schema(inner) };
      return [name, most > 1 ? { type: 'array', items: item } : item];
    });
    const required = particles.filter(({ isRequired, most }) => isRequired && most === 1).map(({ name }) => name);
    return { type: 'object', properties: Object.fromEntries(properties), required };
  }

  #particlesIn(node: XmlElement, scope: SchemaScope, isRequired: boolean): Particle[] {
    return node.children.flatMap((child) => {
      if (child.name === 'element') return [this.#particle(child, scope, isRequired)];
      if (!['sequence', 'all', 'choice'].includes(child.name)) return [];
      const isOptional = child.name === 'choice' || child.attributes.get('minOccurs') === '0';
      const most = mostOf(child);
      return this.#particlesIn(child, scope, isRequired && !isOptional).map((each) => ({
        ...each,
        most: Math.max(each.most, most),
      }));
    });
  }

  #particle(node: XmlElement, scope: SchemaScope, isRequired: boolean): Particle {
    const occurs = {
      isRequired: isRequired && node.attributes.get('minOccurs') !== '0' && node.attributes.get('nillable') !== 'true',
      most: mostOf(node),
    };
    const reference = node.attributes.get('ref');
    if (reference !== undefined) {
      const [, namespace = '', name = ''] = /^\{(.*)\}(.*)$/.exec(expandedName(node, reference)) ?? [];
      return { ...occurs, name, namespace, type: this.elementType(`{${namespace}}${name}`) };
    }
    const form = node.attributes.get('form');
    const isQualified = form === undefined ? scope.isQualified : form === 'qualified';
    const name = node.attributes.get('name') ?? '';
    return { ...occurs, name, namespace: isQualified ? scope.target : '', type: this.#typeOf(node, scope) };
  }

  #typeOf(node: XmlElement, scope: SchemaScope): XsdType {
    const name = node.attributes.get('type');
    if (name !== undefined) return this.#named(node, name, scope);
    const inner = node.children.find((each) => each.name === 'complexType' || each.name === 'simpleType');
    return { name: undefined, node: inner, scope };
  }

  #named(node: XmlElement, written: string, scope: SchemaScope): XsdType {
    const name = expandedName(node, written);
    if (name.startsWith(`{${XSD}}`)) return { name, node: undefined, scope };
    const found = this.#types.get(name);
    if (!found) throw new StartError(`the WSDL has no type ${name}; schemas that it imports must stand in it`);
    return found;
  }

  #simple({ name, node, scope }: XsdType, depth: number): JsonSchema {
    if (!node) return BUILT_IN[name?.slice(XSD.length + 2) ?? ''] ?? {};
    const [content = node] = childrenOf(node, 'simpleContent');
    const [derived] = content.children.filter((each) => each.name === 'restriction' || each.name === 'extension');
    const base = derived?.attributes.get('base');
    if (!derived || base === undefined || depth > MAX_BASES) return {};
    return { ...this.#simple(this.#named(derived, base, scope), depth + 1), ...facetsOf(derived) };
  }
}

function mostOf({ attributes }: XmlElement): number {
  const most = attributes.get('maxOccurs') ?? '1';
  return most === 'unbounded' ? Infinity : Number(most);
}

function facetsOf(restriction: XmlElement): JsonSchema {
  const valuesOf = (name: string): string[] =>
    childrenOf(restriction, name).map(({ attributes }) => attributes.get('value') ?? '');
  const values = valuesOf('enumeration');
  const [pattern] = valuesOf('pattern');
  const numbers = Object.entries(FACETS).flatMap(([facet, keyword]) =>
    valuesOf(facet).map((value): [string, number] => [keyword, Number(value)]),
  );
  return {
    ...Object.fromEntries(numbers),
    ...(values.length > 0 && { enum: values }),
    ...(pattern !== undefined && { pattern: `^(?:${pattern})$` }),
  };
}

const FACETS = {
  minInclusive: 'minimum',
  maxInclusive: 'maximum',
  minExclusive: 'exclusiveMinimum',
  maxExclusive: 'exclusiveMaximum',
  minLength: 'minLength',
  maxLength: 'maxLength',
  length: 'maxLength',
} as const;

const INTEGER = { type: 'integer' };
const TEXT = { type: 'string' };

/** Types of XML Schema (part 2), as far as they are not texts of any kind. */
const BUILT_IN: Readonly<Record<string, JsonSchema>> = {
  string: TEXT,
  normalizedString: TEXT,
  token: TEXT,
  ID: TEXT,
  anyURI: TEXT,
  boolean: { type: 'boolean' },
  decimal: { type: 'number', format: 'decimal' },
  double: { type: 'number' },
  float: { type: 'number' },
  integer: INTEGER,
  long: INTEGER,
  int: { type: 'integer', minimum: -2_147_483_648, maximum: 2_147_483_647 },
  short: { type: 'integer', minimum: -32_768, maximum: 32_767 },
  byte: { type: 'integer', minimum: -128, maximum: 127 },
  nonNegativeInteger: { type: 'integer', minimum: 0 },
  positiveInteger: { type: 'integer', minimum: 1 },
  unsignedLong: { type: 'integer', minimum: 0 },
  unsignedInt: { type: 'integer', minimum: 0, maximum: 4_294_967_295 },
  unsignedShort: { type: 'integer', minimum: 0, maximum: 65_535 },
  date: { type: 'string', pattern: String.raw`^-?\d{4,}-\d{2}-\d{2}(Z|[+-]\d{2}:\d{2})?$` },
  dateTime: {
    type: 'string',
    pattern: String.raw`^-?\d{4,}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$`,
  },
};
