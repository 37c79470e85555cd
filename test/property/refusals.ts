import {
  getNamedType,
  isInterfaceType,
  isObjectType,
  parse,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type GraphQLSchema,
} from 'graphql';
import type { AnswerError } from '../../gateway/errors.ts';
import type { PlainAnswer } from '../../gateway/message.ts';
import type { Difference } from './compare.ts';
import { pathText, type Expectation } from './monolith.ts';
import type { PlainReading } from './plain-reading.ts';
import { baseName, type SubgraphFacts } from './sdl-facts.ts';
import { entityOf } from './subgraph-resolvers.ts';
import type { Truth } from './truth.ts';

/** Codes of the errors that say what is refused. */
const REFUSALS = new Set<unknown>(['UNAUTHORIZED_FIELD_OR_TYPE', 'CONSENT_REQUIRED']);

/** An answer without what it says of fields that are refused whatever the record. */
export function withoutRefusals(answer: PlainAnswer, reading: PlainReading | undefined): PlainAnswer {
  const { errors = [], ...rest } = answer;
  const others = errors.filter((error) => !isRefusal(error) || reading?.isByRecord(...coordinateOf(error)));
  return { ...rest, ...(others.length > 0 ? { errors: others } : {}) };
}

/** What departments were asked, and what they are. */
export interface AskedDepartments {
  exchanges: readonly { service: string; query: string; variables: unknown }[];
  schemas: ReadonlyMap<string, GraphQLSchema>;
  facts: readonly SubgraphFacts[];
  truth: Truth;
}

/** What was refused and should not have been, was not and should have been, or was asked of a department all the same. */
export function refusalDifferences(
  { errors = [] }: PlainAnswer,
  expected: Expectation,
  reading: PlainReading,
  departments: AskedDepartments,
): Difference[] {
  const texts = [
    ...differencesInAnswer(errors, expected, reading),
    ...departments.exchanges.flatMap((exchange) => new AskedFields(exchange, reading, departments).differences()),
  ];
  return [...new Set(texts)].map((text) => ({ kind: 'authority', text }));
}

function differencesInAnswer(errors: readonly AnswerError[], expected: Expectation, reading: PlainReading): string[] {
  const told = errors.filter(isRefusal);
  const coordinates = new Set(told.map((error) => coordinateOf(error).join('.')));
  const wrong = told.flatMap((error) => {
    const [typeName, fieldName] = coordinateOf(error);
    const outcome = reading.isByRecord(typeName, fieldName)
      ? expected.refusedAt.get(pathText(error.path ?? []))
      : reading.refusalOf(typeName, fieldName, undefined)?.outcome;
    if (outcome === error.extensions['outcome']) return [];
    return [
      `${typeName}.${fieldName} at ${pathText(error.path ?? [])} is ${String(error.extensions['outcome'])}, not ${outcome ?? 'ALLOW'}`,
    ];
  });
  // What is told instead of a refusal stands where the refusal should.
  const other = errors.filter((error) => !isRefusal(error) && expected.refusedAt.has(pathText(error.path ?? [])));
  return [
    ...wrong,
    ...other.map(({ path = [], message }) => `${pathText(path)} is refused, and the answer says: ${message}`),
    ...[...expected.refused]
      .filter((each) => !coordinates.has(each))
      .map((each) => `${each} is refused, and nothing says so`),
  ];
}

function isRefusal({ extensions }: AnswerError): boolean {
  return REFUSALS.has(extensions.code);
}

function coordinateOf({ extensions }: AnswerError): [typeName: string, fieldName: string] {
  return String(extensions['coordinate']).split('.') as [string, string];
}

/** A representation, as a department is handed it. */
type Representation = Readonly<Record<string, unknown>>;

/** What one department was asked. */
class AskedFields {
  readonly #service: string;
  readonly #query: string;
  readonly #representations: readonly Representation[];
  readonly #schema: GraphQLSchema;
  readonly #reading: PlainReading;
  readonly #departments: AskedDepartments;

  constructor(
    { service, query, variables }: AskedDepartments['exchanges'][number],
    reading: PlainReading,
    departments: AskedDepartments,
  ) {
    this.#service = service;
    this.#query = query;
    this.#representations = (variables as { representations?: Representation[] }).representations ?? [];
    this.#schema = departments.schemas.get(service)!;
    this.#reading = reading;
    this.#departments = departments;
  }

  /** What it should not have been asked, and should not have been told in order to be asked. */
  differences(): string[] {
    return [
      ...this.#fields().flatMap(({ typeName, fieldName, isOfEntity, isCertain }) => {
        if (this.#reading.isByRecord(typeName, fieldName)) return this.#byRecord(typeName, fieldName, isOfEntity);
        const isRefused = isCertain && this.#reading.refusalOf(typeName, fieldName, undefined) !== undefined;
        const isNeeded = this.#reading.looksThrough(typeName, fieldName) || isKey(fieldName, this.#departments.facts);
        return isRefused && !isNeeded
          ? [`${this.#service} was asked for ${typeName}.${fieldName}, which is refused`]
          : [];
      }),
      ...this.#representations.flatMap((each) => this.#strange(each, String(each['__typename']))),
    ];
  }

  #byRecord(typeName: string, fieldName: string, isOfEntity: boolean): string[] {
    const asked = `${this.#service} was asked for ${typeName}.${fieldName}`;
    if (!isOfEntity) return [`${asked} of who knows which record`];
    const type = this.#facts.types.get(typeName)!;
    const { truth } = this.#departments;
    return this.#representations.flatMap((representation) => {
      if (representation['__typename'] !== typeName) return [];
      const node = entityOf(type, representation, truth);
      const isRefused = !node || this.#reading.refusalOf(typeName, fieldName, node) !== undefined;
      return isRefused ? [`${asked} of ${JSON.stringify(representation)}, which is refused`] : [];
    });
  }

  /** Names in a representation that the department has no such field for. */
  #strange(given: unknown, typeName: string): string[] {
    if (Array.isArray(given)) return given.flatMap((item) => this.#strange(item, typeName));
    if (typeof given !== 'object' || given === null) return [];
    const { __typename: told, ...members } = given as Representation;
    const name = typeof told === 'string' ? told : typeName;
    const type = this.#facts.types.get(name);
    // A union, or an enum's or scalar's own object.
    if (!type) return [];
    return Object.entries(members).flatMap(([member, value]) => {
      const field = type.fields.get(member);
      if (field) return this.#strange(value, baseName(field.type));
      return [`${this.#service} was told ${name}.${member}, which it does not know`];
    });
  }

  get #facts(): SubgraphFacts {
    return this.#departments.facts.find(({ name }) => name === this.#service)!;
  }

  /** The fields of the operation, for each type that an object may have where they stand. */
  #fields(): AskedField[] {
    const found: AskedField[] = [];
    const around: string[] = [];
    const info = new TypeInfo(this.#schema);
    visit(
      parse(this.#query),
      visitWithTypeInfo(info, {
        Field: {
          enter: ({ name }) => {
            const parent = getNamedType(info.getParentType());
            const isOfEntity = around.at(-1) === '_entities' && isObjectType(parent);
            if (parent && !name.value.startsWith('_')) {
              const types = isInterfaceType(parent) ? this.#schema.getPossibleTypes(parent) : [parent];
              for (const type of types)
                found.push({ typeName: type.name, fieldName: name.value, isOfEntity, isCertain: types.length === 1 });
            }
            around.push(name.value);
          },
          leave: () => void around.pop(),
        },
      }),
    );
    return found;
  }
}

interface AskedField {
  typeName: string;
  fieldName: string;
  /** Whether it is asked of the entities that the department is handed, and not of what they lead to. */
  isOfEntity: boolean;
  /** Whether an object there can have no other type. */
  isCertain: boolean;
}

/** Departments are joined by keys; who may not see them is not given them. */
function isKey(fieldName: string, facts: readonly SubgraphFacts[]): boolean {
  return facts.some(({ types }) =>
    [...types.values()].some(({ keys }) => keys.some((key) => new RegExp(`\\b${fieldName}\\b`).test(print(key)))),
  );
}
