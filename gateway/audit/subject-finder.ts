import {
  getNamedType,
  isAbstractType,
  isObjectType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  Kind,
} from 'graphql';
import { isDataObject, type DataObject } from '../execute/data.ts';
import { bodyText, type FetchTemplate, type SubgraphAnswer, type SubgraphRequest } from '../execute/fetcher.ts';
import { collectFields, type CollectedField, type SelectionGroup } from '../operation/collect-fields.ts';
import { keyAmong, type SubjectTypes } from '../supergraph/subject-types.ts';
import { subjectName } from './entry.ts';

/** Finds the entities of a value, or of what is in it. */
type Visit = (value: unknown, found: Set<string>) => void;

/** Finds whom a department's answer is about, by reading it again; programs say it of themselves. */
export class SubjectFinder {
  readonly #schema: GraphQLSchema;
  readonly #types: SubjectTypes;
  readonly #byTemplate = new WeakMap<FetchTemplate, TemplateReader>();

  /** @param schema with what clients may not see */
  constructor(schema: GraphQLSchema, types: SubjectTypes) {
    this.#schema = schema;
    this.#types = types;
  }

  /** Adds the names of the entities in an answer. */
  find(request: SubgraphRequest, answer: SubgraphAnswer, found: Set<string>): void {
    if (this.#types.size === 0) return;
    const { template, representations } = request;
    const data = dataOf(answer);
    if (!data) return;
    let reader = this.#byTemplate.get(template);
    if (!reader) this.#byTemplate.set(template, (reader = new TemplateReader(template, this.#schema, this.#types)));
    if (!template.isEntityFetch) return reader.ofRoot(data, found);
    const { _entities: entities } = data;
    if (!Array.isArray(entities)) return;
    for (const [index, entity] of entities.entries())
      reader.ofEntity(typeNameOf(representations[index]), entity, found);
  }
}

function dataOf({ body }: SubgraphAnswer): DataObject | undefined {
  try {
    const { data } = JSON.parse(bodyText(body)) as DataObject;
    return isDataObject(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

function typeNameOf(representation = '{}'): string {
  return String((JSON.parse(representation) as DataObject)['__typename']);
}

/** Reads the answers to one fetch. */
class TemplateReader {
  readonly #template: FetchTemplate;
  readonly #schema: GraphQLSchema;
  readonly #types: SubjectTypes;
  readonly #visits = new Map<string, Visit | undefined>();

  constructor(template: FetchTemplate, schema: GraphQLSchema, types: SubjectTypes) {
    this.#template = template;
    this.#schema = schema;
    this.#types = types;
  }

  ofRoot(data: DataObject, found: Set<string>): void {
    const type = this.#schema.getRootType(this.#template.operationKind as Parameters<GraphQLSchema['getRootType']>[0]);
    if (type) this.#ofType(type, [this.#template.selectionSet], '')?.(data, found);
  }

  ofEntity(typeName: string, entity: unknown, found: Set<string>): void {
    const type = this.#schema.getType(typeName);
    const [entities] = this.#template.selectionSet.selections;
    if (!isObjectType(type) || entities?.kind !== Kind.FIELD || !entities.selectionSet) return;
    if (isDataObject(entity)) this.#ofType(type, [entities.selectionSet], '')?.(entity, found);
  }

  /** Made when first met: abstract types inside abstract types would else multiply. @param path where it is, so that it is made once */
  #ofType(type: GraphQLObjectType, group: SelectionGroup, path: string): Visit | undefined {
    const at = `${path} ${type.name}`;
    if (!this.#visits.has(at)) this.#visits.set(at, this.#make(type, group, at));
    return this.#visits.get(at);
  }

  #make(type: GraphQLObjectType, group: SelectionGroup, path: string): Visit | undefined {
    const { fragments } = this.#template;
    const fields = collectFields(type, group, { schema: this.#schema, fragments, variables: {} });
    const subject = this.#types.get(type.name);
    const key = (subject && keyAmong(subject, fields)?.map((field) => field.key)) ?? [];
    const children = fields.flatMap((field) => this.#child(type, field, path) ?? []);
    if (key.length === 0 && children.length === 0) return undefined;
    return (value, found) => {
      const name =
        key.length > 0
          ? nameBy(
              type.name,
              key.map((each) => (value as DataObject)[each]),
            )
          : undefined;
      if (name !== undefined) found.add(name);
      for (const visit of children) visit(value, found);
    };
  }

  #child(parent: GraphQLObjectType, { key, node, inner }: CollectedField, path: string): Visit | undefined {
    const field = parent.getFields()[node.name.value];
    if (!field || inner.length === 0) return undefined;
    const visit = this.#value(field.type, inner, `${path}.${key}`);
    return visit && ((value, found) => visit((value as DataObject)[key], found));
  }

  #value(type: GraphQLOutputType, inner: SelectionGroup, path: string): Visit | undefined {
    const named = getNamedType(type);
    const visit = isObjectType(named)
      ? this.#ofType(named, inner, path)
      : (value: unknown, found: Set<string>) => this.#runtimeType(named.name, value)?.(inner, path)?.(value, found);
    return visit && eachObject(visit);
  }

  /** An object of an abstract type says which it is. */
  #runtimeType(
    abstractName: string,
    value: unknown,
  ): ((inner: SelectionGroup, path: string) => Visit | undefined) | undefined {
    const abstract = this.#schema.getType(abstractName);
    const type = this.#schema.getType(String((value as DataObject)['__typename']));
    if (!isAbstractType(abstract) || !isObjectType(type) || !this.#schema.isSubType(abstract, type)) return undefined;
    return (inner, path) => this.#ofType(type, inner, path);
  }
}

function eachObject(visit: Visit): Visit {
  const each: Visit = (value, found) => {
    if (Array.isArray(value)) for (const item of value) each(item, found);
    else if (isDataObject(value)) visit(value, found);
  };
  return each;
}

/** The name of an entity by the values of its key; undefined where one is not there. */
function nameBy(typeName: string, values: readonly unknown[]): string | undefined {
  if (values.some((value) => value === null || value === undefined)) return undefined;
  return subjectName(typeName, values.length === 1 ? String(values[0]) : JSON.stringify(values));
}

/**
 * The name of an entity by its key as JSON: a value, or an array of several. Undefined where one is null.
 * @param text a character for each byte of its UTF-8
 */
export function nameByText(typeName: string, text: string): string | undefined {
  if (isPlainString(text)) return subjectName(typeName, text.slice(1, -1));
  const key: unknown = JSON.parse(Buffer.from(text, 'latin1').toString('utf8'));
  return nameBy(typeName, Array.isArray(key) ? key : [key]);
}

/** So many are compared one by one, before each is made a name of: a set would make every name a lasting one of V8's first, a microsecond each. */
const MAX_FEW = 32;

/**
 * The names of the entities that a program read, each once; undefined where they are many.
 *
 * @param found a type, then the JSON of a key, and so on
 */
export function fewNames(found: readonly string[]): string[] | undefined {
  const places: number[] = [];
  const names: string[] = [];
  for (let at = 0; at < found.length; at += 2) {
    if (places.some((place) => found[place + 1] === found[at + 1] && found[place] === found[at])) continue;
    if (places.push(at) > MAX_FEW) return undefined;
    const name = nameByText(found[at]!, found[at + 1]!);
    // Two texts may be one key, where one of them has escapes.
    if (name !== undefined && !names.includes(name)) names.push(name);
  }
  return names;
}

/** Nearly all keys are: nothing in them stands for something else. Character by character is quicker for texts this short. */
function isPlainString(text: string): boolean {
  if (text.charCodeAt(0) !== 34) return false;
  for (let at = 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 92 || code > 126) return false;
  }
  return true;
}
