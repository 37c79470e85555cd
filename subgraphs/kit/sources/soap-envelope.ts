import { GraphQLError } from 'graphql';
import { systemUnavailable } from '../faults.ts';
import { UnreadableAnswer } from './http-connection.ts';
import { asList, asObject } from './json-values.ts';
import { valueCheck } from './service-columns.ts';
import type { JsonSchema, Operation } from './service-document.ts';
import type { ParameterValues } from './service-parameters.ts';
import { ENVELOPES, type SoapOperation, type WsdlDocument } from './wsdl-document.ts';
import { childrenOf, parseXml, XmlFault, type XmlElement } from './xml-tree.ts';
import type { Particle } from './xsd-types.ts';

const INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';

/** How much of a fault's text is told. */
const MAX_FAULT_TEXT = 200;

/** A request as SOAP says it. */
export function writeEnvelope(
  document: WsdlDocument,
  { version, input }: SoapOperation,
  values: ParameterValues,
): string {
  const inside = writeParticles(document, input.particles, { values, before: '', namespace: input.namespace });
  const body = `<${input.name} xmlns="${escaped(input.namespace)}">${inside}</${input.name}>`;
  return `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${ENVELOPES[version]}"><soap:Body>${body}</soap:Body></soap:Envelope>`;
}

interface Writing {
  values: ParameterValues;
  /** Names of the elements around, with dots. */
  before: string;
  /** What elements without a prefix are in here. */
  namespace: string;
}

function writeParticles(document: WsdlDocument, particles: readonly Particle[], writing: Writing): string {
  return particles.map((particle) => writeParticle(document, particle, writing)).join('');
}

function writeParticle(document: WsdlDocument, particle: Particle, { values, before, namespace }: Writing): string {
  const path = `${before}${particle.name}`;
  const declared = particle.namespace === namespace ? '' : ` xmlns="${escaped(particle.namespace)}"`;
  const element = (inside: string): string => `<${particle.name}${declared}>${inside}</${particle.name}>`;
  const value = values.get(path);
  if (value !== undefined)
    return [value]
      .flat()
      .map((each) => element(escaped(each)))
      .join('');
  const isInside = [...values.keys()].some((name) => name.startsWith(`${path}.`));
  const inner = isInside ? document.particles(particle.type) : undefined;
  if (!inner) return '';
  return element(writeParticles(document, inner, { values, before: `${path}.`, namespace: particle.namespace }));
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/**
 * What an answer says, as the WSDL has it.
 *
 * @param holds whose service it is, as messages call it
 * @throws UnreadableAnswer; GraphQLError SYSTEM_UNAVAILABLE or SYSTEM_REFUSED for a fault
 */
export function readEnvelope(
  document: WsdlDocument,
  operation: Operation,
  { text, holds }: { text: string; holds: string },
): unknown {
  const { output } = document.soap(operation.name);
  const content = contentOf(text);
  if (content.name === 'Fault') throw toldFault(content, operation, holds);
  if (`{${content.namespace}}${content.name}` !== output)
    throw new UnreadableAnswer(`it is no ${output.replace(/^\{.*\}/, '')}`);
  const schema = operation.answer ?? {};
  const answer = asObject(readElement(document, content, schema)) ?? {};
  for (const name of asList(schema['required']).map(String))
    if (answer[name] === undefined) throw new UnreadableAnswer(`it has no ${name}`);
  for (const [name, given] of Object.entries(asObject(schema['properties']) ?? {})) {
    const misfit = valueCheck(document.schema(given))((answer[name] ?? null) as never);
    if (misfit) throw new UnreadableAnswer(`its ${name} must be ${misfit.mustBe}`);
  }
  return answer;
}

function contentOf(text: string): XmlElement {
  const root = tree(text);
  const isEnvelope = root.name === 'Envelope' && Object.values(ENVELOPES).includes(root.namespace);
  const [content] = isEnvelope ? (childrenOf(root, 'Body')[0]?.children ?? []) : [];
  if (!content) throw new UnreadableAnswer(isEnvelope ? 'its envelope is empty' : 'it is no envelope of SOAP');
  return content;
}

function tree(text: string): XmlElement {
  try {
    return parseXml(text);
  } catch (error) {
    if (!(error instanceof XmlFault)) throw error;
    throw new UnreadableAnswer(error.message, error);
  }
}

/** A value, an object by its elements, or undefined where the element says that it is nothing. */
function readElement(document: WsdlDocument, element: XmlElement, schema: JsonSchema): unknown {
  if (isNil(element)) return undefined;
  const properties = asObject(schema['properties']);
  if (!properties) return valueOf(element.text, schema);
  const found = Object.entries(properties).map(([name, given]): [string, unknown] => {
    const inner = document.schema(given);
    const children = childrenOf(element, name);
    if (inner['type'] !== 'array') {
      const [child] = children;
      return [name, child && readElement(document, child, inner)];
    }
    const item = document.schema(inner['items']);
    return [name, children.map((child) => readElement(document, child, item) ?? null)];
  });
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}

function isNil(element: XmlElement): boolean {
  return [...element.attributes].some(([name, value]) => {
    const [prefix = '', local] = name.split(':', 2);
    return local === 'nil' && element.namespaces[prefix] === INSTANCE && (value === 'true' || value === '1');
  });
}

/** What a double does not hold exactly, and what is none of its type, stays a text, which fits no number. */
function valueOf(text: string, { type, format }: JsonSchema): unknown {
  const trimmed = text.trim();
  if (type === 'integer' && /^[-+]?\d+$/.test(trimmed)) {
    const number = Number(trimmed);
    return Number.isSafeInteger(number) ? number : BigInt(trimmed.replace('+', ''));
  }
  if (type === 'number') {
    const isDecimal = format === 'decimal';
    const shape = isDecimal ? /^[-+]?(\d+(\.\d*)?|\.\d+)$/ : /^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/;
    return shape.test(trimmed) && (!isDecimal || isExact(trimmed)) ? Number(trimmed) : text;
  }
  if (type === 'boolean' && /^(true|false|0|1)$/.test(trimmed)) return trimmed === 'true' || trimmed === '1';
  return text;
}

/** Whether a double is the decimal: one of fifteen digits is, and back. */
function isExact(decimal: string): boolean {
  const digits = decimal.replaceAll(/\D/g, '').replace(/^0+/, '');
  return digits.length <= 15 || Number.isSafeInteger(Number(decimal));
}

/** A fault (SOAP 1.1, section 4.4; SOAP 1.2, section 5.4): what is wrong with the request is a refusal, what is wrong with the service is not. */
function toldFault(fault: XmlElement, { name }: Operation, holds: string): GraphQLError {
  const first = (parent: XmlElement | undefined, child: string): XmlElement | undefined =>
    parent && childrenOf(parent, child)[0];
  const code = first(fault, 'faultcode') ?? first(first(fault, 'Code'), 'Value');
  const reason = first(fault, 'faultstring') ?? first(first(fault, 'Reason'), 'Text');
  const text = (reason?.text ?? 'it says no more').trim().slice(0, MAX_FAULT_TEXT);
  if (/\b(Server|Receiver)\b/.test(code?.text ?? ''))
    return systemUnavailable(`The ${holds} could not carry out ${name}: ${text}.`);
  return new GraphQLError(`The ${holds} refused ${name}: ${text}.`, { extensions: { code: 'SYSTEM_REFUSED' } });
}
