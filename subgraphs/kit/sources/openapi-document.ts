import { parse } from 'yaml';
import { StartError } from '../program.ts';
import { asList, asObject, numberIn, textIn } from './json-values.ts';
import type { JsonSchema, Operation, Parameter, ServiceDocument } from './service-document.ts';

/** Longer chains of references lead in a circle. */
const MAX_REFERENCES = 32;
/** Parts of schemas in parts of schemas. */
const MAX_PARTS_DEPTH = 6;

/** How values of a list stand in a query, by a parameter's `style`. */
const DELIMITERS: Readonly<Record<string, string>> = { form: ',', spaceDelimited: ' ', pipeDelimited: '|' };

/** An OpenAPI document of version 3.0 or 3.1: what can be asked by GET, with references resolved where they are met. */
export class OpenApiDocument implements ServiceDocument {
  /** Where its first server is, as it is written. */
  readonly serverUrl: string | undefined;
  readonly title: string | undefined;
  readonly #root: JsonSchema;
  readonly #operations: readonly Operation[];

  /**
   * @param name what messages call it: its file or address
   * @throws StartError where it is none of these versions
   */
  constructor(content: unknown, name: string) {
    const root = asObject(content);
    const version = typeof root?.['openapi'] === 'string' ? root['openapi'] : undefined;
    if (!root || !version || !/^3\.[01](\.|$)/.test(version)) {
      const found = version ?? (root?.['swagger'] === undefined ? undefined : `Swagger ${textIn(root['swagger'])}`);
      throw new StartError(`${name} is no OpenAPI document of version 3.0 or 3.1${found ? ` but ${found}` : ''}`);
    }
    this.#root = root;
    const [server] = asList(root['servers']);
    this.serverUrl = textIn(asObject(server)?.['url']);
    this.title = textIn(asObject(root['info'])?.['title']);
    this.#operations = Object.entries(asObject(root['paths']) ?? {}).flatMap(([path, item]) =>
      this.#readOperation(path, this.#target(item)),
    );
  }

  get operations(): readonly Operation[] {
    return this.#operations;
  }

  /** An operation by its `operationId`, or as `GET /path`. */
  operation(name: string): Operation | undefined {
    return this.#operations.find((each) => each.name === name || `GET ${each.path}` === name);
  }

  /** At the list's path, with one parameter behind it. */
  beside({ path: before }: Operation): Operation | undefined {
    const found = this.#operations.filter(
      ({ path, answer }) =>
        path.startsWith(`${before}/{`) &&
        /^\/\{[^/]+\}$/.test(path.slice(before.length)) &&
        answer?.['type'] !== 'array',
    );
    return found.length === 1 ? found[0] : undefined;
  }

  /** A schema with its reference followed and the parts of its `allOf` put together; those inside it are as they were. */
  schema(given: unknown, depth = 0): JsonSchema {
    const { allOf, anyOf, oneOf, ...own } = this.#target(given);
    // One or nothing is how a value that may be null is said.
    const choices = [...asList(anyOf), ...asList(oneOf)].filter((each) => asObject(each)?.['type'] !== 'null');
    const parts = depth < MAX_PARTS_DEPTH ? [...asList(allOf), ...(choices.length === 1 ? choices : [])] : [];
    return [...parts.map((part) => this.schema(part, depth + 1)), own].reduce(merged);
  }

  #readOperation(path: string, item: JsonSchema): Operation[] {
    const get = asObject(item['get']);
    if (!get) return [];
    const parameters = [...asList(item['parameters']), ...asList(get['parameters'])].flatMap((each) =>
      this.#readParameter(this.#target(each)),
    );
    const responses = asObject(get['responses']) ?? {};
    const good = Object.keys(responses).find((status) => /^2(\d\d|XX)$/i.test(status)) ?? 'default';
    return [
      {
        name: textIn(get['operationId']) ?? `GET ${path}`,
        path,
        summary: textIn(get['summary']) ?? textIn(get['description']),
        // One of the operation's own stands for one of the path that has its name.
        parameters: [...new Map(parameters.map((each) => [`${each.in} ${each.name}`, each])).values()],
        answer: this.#bodyOf(responses[good]),
        absent: this.#bodyOf(responses['404']),
        answerHeaders: Object.keys(asObject(this.#target(responses[good])['headers']) ?? {}).map((each) =>
          each.toLowerCase(),
        ),
      },
    ];
  }

  #readParameter(given: JsonSchema): Parameter[] {
    const { name, in: place } = given;
    const style = textIn(given['style']) ?? 'form';
    if (typeof name !== 'string' || (place !== 'path' && place !== 'query')) return [];
    const schema = this.schema(given['schema']);
    const isList = schema['type'] === 'array';
    const explode = typeof given['explode'] === 'boolean' ? given['explode'] : style === 'form';
    const delimiter = explode ? null : (DELIMITERS[style] ?? ',');
    return [
      {
        name,
        in: place,
        isRequired: given['required'] === true,
        description: textIn(given['description']),
        schema: isList ? this.schema(schema['items']) : schema,
        list: isList
          ? { delimiter: place === 'path' ? ',' : delimiter, maxItems: numberIn(schema['maxItems']) }
          : undefined,
      },
    ];
  }

  #bodyOf(response: unknown): JsonSchema | undefined {
    const content = asObject(this.#target(response)['content']) ?? {};
    const type = Object.keys(content).find((each) => /\bjson\b/i.test(each));
    const schema = type === undefined ? undefined : asObject(content[type])?.['schema'];
    return schema === undefined ? undefined : this.schema(schema);
  }

  /** What stands there, or what the reference that stands there leads to. */
  #target(given: unknown): JsonSchema {
    let current = asObject(given) ?? {};
    for (let at = 0; typeof current['$ref'] === 'string'; at += 1) {
      const reference = current['$ref'];
      if (at === MAX_REFERENCES) throw new StartError(`the reference ${reference} leads in a circle`);
      if (!reference.startsWith('#/'))
        throw new StartError(`the reference ${reference} leads out of the document; bundle it into one`);
      const steps = reference.slice(2).split('/').map(unescaped);
      const found = asObject(steps.reduce<unknown>((node, step) => ownIn(node, step), this.#root));
      if (!found) throw new StartError(`the reference ${reference} leads nowhere`);
      current = found;
    }
    return current;
  }
}

/** A step of a JSON pointer in a URI fragment (RFC 6901, section 6). */
function unescaped(step: string): string {
  return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
}

function ownIn(node: unknown, name: string): unknown {
  if (Array.isArray(node)) return node[Number(name)] as unknown;
  const object = asObject(node);
  return object && Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Both at once, as `allOf` has it: the properties of both, and of what else both say the second's. */
function merged(one: JsonSchema, other: JsonSchema): JsonSchema {
  const required = [...asList(one['required']), ...asList(other['required'])];
  const properties = { ...asObject(one['properties']) };
  for (const [name, schema] of Object.entries(asObject(other['properties']) ?? {}))
    properties[name] = Object.hasOwn(properties, name) ? { allOf: [properties[name], schema] } : schema;
  return { ...one, ...other, ...(required.length > 0 && { required }), properties };
}

/**
 * Reads an OpenAPI document of JSON or YAML.
 * @param name what messages call it: its file or address
 * @throws StartError where it is none
 */
export function readOpenApi(text: string, name: string): OpenApiDocument {
  return new OpenApiDocument(contentOf(text, name), name);
}

function contentOf(text: string, name: string): unknown {
  try {
    return text.trimStart().startsWith('{') ? JSON.parse(text) : parse(text);
  } catch (error) {
    throw new StartError(`${name} is neither JSON nor YAML: ${(error as Error).message.split('\n', 1)[0]}`);
  }
}
