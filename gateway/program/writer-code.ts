import {
  getNullableType,
  isAbstractType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import { access, accessOr } from './access-code.ts';
import { NotCompilable } from './not-compilable.ts';
import {
  childPosition,
  findSource,
  positionTypeNames,
  typeNameSource,
  type Position,
  type ResultSites,
  type Source,
} from './positions.ts';
import {
  collectFields,
  type CollectedField,
  type Fragments,
  type SelectionGroup,
} from '../operation/collect-fields.ts';
import type { DataKeys } from '../operation/data-keys.ts';
import type { FieldAccess, FieldVerdict } from '../operation/field-access.ts';
import { findRun, type FoundRun } from './runs.ts';
import { concatenate, jsonObject, type TextPiece } from './text-code.ts';

/** What the writer depends on beside the operation. */
export interface WriterContext {
  apiSchema: GraphQLSchema;
  fragments: Fragments;
  dataKeys: DataKeys;
  /** Values of the variables in `@skip` and `@include`, which the program is made for. */
  variables: Readonly<Record<string, unknown>>;
  results: ResultSites;
  /** What may not be seen is null, and what is masked goes through a function. */
  access: FieldAccess;
}

/**
 * Writes the writer of a program: JavaScript that turns the merged objects straight into the text of the client's answer.
 * Leaves are put in as the text they came as; what is shared is written once. Where the answer would need an error (a null
 * that may not be), it gives up (`no()`), and the plain projection says what is wrong.
 */
export class WriterCode {
  readonly functions: string[] = [];
  /** Functions from text to text that the code uses, by their name in it. */
  readonly masks = new Map<string, (text: string) => string>();
  readonly #context: WriterContext;
  #count = 0;

  constructor(context: WriterContext) {
    this.#context = context;
  }

  /** Writes the function for an object (or null) at a position; gives its name. */
  object(type: GraphQLCompositeType, group: SelectionGroup, position: Position): string {
    const names = positionTypeNames(position, this.#context.results);
    if (isObjectType(type)) return this.#ofType(type, group, position);
    if (!isAbstractType(type)) throw new NotCompilable('not an object');
    const possible = this.#context.apiSchema.getPossibleTypes(type).filter(({ name }) => names.includes(name));
    if (names.length === 1 && possible.length === 1) return this.#ofType(possible[0]!, group, position);
    const source = typeNameSource(position, names, this.#context.results);
    const cases = possible.map(
      (each) =>
        `    case ${JSON.stringify(JSON.stringify(each.name))}: return ${this.#ofType(each, group, position)}(o);`,
    );
    return this.#function(
      (name) => `function ${name}(o) {
  if (o === null) return 'null';
  switch (${access('o', source)}) {
${cases.join('\n')}
  }
  return no();
}`,
    );
  }

  #ofType(type: GraphQLObjectType, group: SelectionGroup, position: Position): string {
    const { apiSchema, fragments, variables } = this.#context;
    const fields = collectFields(type, group, { schema: apiSchema, fragments, variables });
    const members = this.#members(type, fields, position);
    const text = concatenate(jsonObject(members));
    const interned = position.sites.filter(({ interning }) => interning !== 'none');
    if (interned.length === 0)
      return this.#function((name) => `function ${name}(o) {\n  if (o === null) return 'null';\n  return ${text};\n}`);
    return this.#function((name) => {
      for (const { written } of interned) written.add(name);
      // A text that is used again is made flat: it is copied as one piece from then on.
      return `function ${name}(o) {
  if (o === null) return 'null';
  if (o.${name} !== undefined) { Number(o.${name}); return o.${name}; }
  return o.${name} = ${text};
}`;
    });
  }

  #members(type: GraphQLObjectType, fields: readonly CollectedField[], position: Position): TextPiece[][] {
    const members: TextPiece[][] = [];
    for (let at = 0; at < fields.length;) {
      const run = findRun(type, fields.slice(at), position, this.#context);
      members.push(run ? [{ code: runText(type, run) }] : this.#member(type, fields[at]!, position));
      at += run ? run.fields.length : 1;
    }
    return members;
  }

  #member(type: GraphQLObjectType, { key, node, inner }: CollectedField, position: Position): TextPiece[] {
    const start = { text: `${JSON.stringify(key)}:` };
    if (node.name.value === '__typename') return [start, { text: JSON.stringify(type.name) }];
    const definition = type.getFields()[node.name.value];
    if (!definition) throw new NotCompilable(`${node.name.value} is not a department's`);
    const verdict = this.#context.access.of(type.name, node.name.value);
    if (verdict?.kind === 'byRecord') throw new NotCompilable('a field that depends on each record');
    if (verdict?.kind === 'refused') {
      // The nearest object that may be null has to be found for each place by itself.
      if (isNonNullType(definition.type)) throw new NotCompilable('a refused field that may not be null');
      return [start, { text: 'null' }];
    }
    const dataKey = this.#context.dataKeys.get(node)!;
    const at = { position, typeName: type.name, mask: verdict && this.#mask(verdict, definition.type) };
    return [start, { code: this.#field(definition.type, dataKey, inner, at) }];
  }

  #field(
    type: GraphQLOutputType,
    key: string,
    inner: SelectionGroup,
    at: { position: Position; typeName: string; mask: string | undefined },
  ): string {
    const source = findSource(at.position, at.typeName, key, this.#context.results);
    // A department that does not know the type cannot give it; where one does all the same, the plain way says what is wrong.
    if (!source) return 'no()';
    const named = leafless(type);
    if (!named) return guard(type, source, (value) => (at.mask ? `${at.mask}(${value})` : value));
    if (at.mask) throw new NotCompilable('a masked object');
    const child = childPosition(at.position, key, this.#context.results).position;
    const write = this.#value(
      type,
      this.object(named, inner, {
        sites: child.sites.filter((site) => source.fields.some((field) => field.child === site)),
      }),
    );
    return guard(type, source, (value) => `${write}(${value})`);
  }

  /** A mask gives null for what it is not made for, and not every field may be null. */
  #mask({ mask }: Extract<FieldVerdict, { kind: 'masked' }>, type: GraphQLOutputType): string {
    const name = `M${this.masks.size}`;
    this.masks.set(name, (text) => maskText(text, mask));
    if (!isNonNullType(type)) return name;
    return this.#function(
      (own) => `function ${own}(t) {\n  const masked = ${name}(t);\n  return masked === 'null' ? no() : masked;\n}`,
    );
  }

  /** The function for a value of a type, whose objects are written by another function. */
  #value(type: GraphQLOutputType, writeObject: string): string {
    const nullable = getNullableType(type) as GraphQLOutputType;
    if (!isListType(nullable)) return writeObject;
    const item = this.#value(nullable.ofType as GraphQLOutputType, writeObject);
    return this.#function(
      (name) => `function ${name}(a) {
  if (a === null) return 'null';
  if (a.length === 0) return '[]';
  let t = '[' + ${item}(a[0]);
  for (let i = 1; i < a.length; i++) t += ',' + ${item}(a[i]);
  return t + ']';
}`,
    );
  }

  #function(write: (name: string) => string): string {
    const name = `w${this.#count++}`;
    this.functions.push(write(name));
    return name;
  }
}

/** Texts have a character for each byte of their UTF-8. */
function maskText(text: string, mask: (value: unknown) => unknown): string {
  const masked = mask(JSON.parse(Buffer.from(text, 'latin1').toString('utf8')));
  return Buffer.from(JSON.stringify(masked ?? null)).toString('latin1');
}

/** The object type inside, if there is one. */
function leafless(type: GraphQLOutputType): GraphQLCompositeType | undefined {
  const nullable = getNullableType(type) as GraphQLOutputType;
  if (isListType(nullable)) return leafless(nullable.ofType as GraphQLOutputType);
  return isCompositeType(nullable) ? nullable : undefined;
}

/** The text of a run; where its fetch found nothing, each of its fields is null, if it may be. */
function runText(type: GraphQLObjectType, { fetchGroup, fields, property }: FoundRun): string {
  if (fetchGroup === undefined) return `o.${property}`;
  const mayBeNull = fields.every(({ node }) => !isNonNullType(type.getFields()[node.name.value]!.type));
  const nulls = fields.map(({ key }) => `${JSON.stringify(key)}:null`).join(',');
  return ifFound(fetchGroup, mayBeNull ? JSON.stringify(nulls) : 'no()', (added) => `${added}.${property}`);
}

function ifFound(fetchGroup: number, otherwise: string, found: (added: string) => string): string {
  const added = `o.g${fetchGroup}`;
  return `(${added} === null || ${added} === undefined ? ${otherwise} : ${found(added)})`;
}

/** What a fetch did not find is null, if it may be. What was found has been checked for that when it was read. */
function guard(type: GraphQLOutputType, source: Source, write: (value: string) => string): string {
  const otherwise = isNonNullType(type) ? 'no()' : `'null'`;
  const [group, ...others] = source.groups;
  // Only leaves come from several fetches, and a leaf is written as it is.
  if (group === undefined || others.length > 0) return write(accessOr('o', source, otherwise));
  for (const field of source.fields) field.isRead = true;
  return ifFound(group, otherwise, (added) => write(`${added}.${source.field.property}`));
}
