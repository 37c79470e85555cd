import type { QueryPlan } from '@apollo/query-planner';
import {
  isObjectType,
  Kind,
  OperationTypeNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { Fragments } from '../operation/collect-fields.ts';
import type { DataKeys } from '../operation/data-keys.ts';
import type { FieldAccess } from '../operation/field-access.ts';
import { keyAmong, type SubjectTypes } from '../supergraph/subject-types.ts';
import { WriterCode } from './writer-code.ts';
import type { FetchTemplate } from '../execute/fetcher.ts';
import { possibleTypeNames } from '../execute/type-names.ts';
import { answerBytes } from './answer-bytes.ts';
import { findBatches } from './batches.ts';
import { classes, rootNamesOf } from './class-code.ts';
import { COLLECT_RUNTIME, CollectCode } from './collect-code.ts';
import { COVER_RUNTIME, findCovers, takeFunction, type Cover } from './covers.ts';
import { NotCompilable } from './not-compilable.ts';
import { ParserCode } from './parser-code.ts';
import { PARSER_RUNTIME } from './parser-runtime.ts';
import { planFetches, type PlannedFetch, type PlanTree } from './plan-fetches.ts';
import type { Position, ResultSites } from './positions.ts';
import { SiteBuilder, type Site } from './sites.ts';

/** What a program is made from. */
export interface ProgramInput {
  plan: QueryPlan;
  operation: OperationDefinitionNode;
  fragments: Fragments;
  dataKeys: DataKeys;
  apiSchema: GraphQLSchema;
  fullSchema: GraphQLSchema;
  /** Values of the variables in `@skip`, `@include` and the plan's conditions, which the program is made for. */
  variables: Readonly<Record<string, unknown>>;
  /** What the caller may see of it. */
  access: FieldAccess;
  /** Types of entities that are named where they are read. Default: none. */
  subjects?: SubjectTypes | undefined;
}

/** Objects of the program are of its own classes; nobody else looks into them. */
export type ProgramObject = Record<string, unknown>;

/** What an entity fetch gave for one representation; null where nothing was found, and until it is there. */
export interface Result {
  value: ProgramObject | null;
}

/** What an entity fetch is for, filled in by the program. */
export interface Asked {
  /** The entities found that have no result yet, and the results that are to be theirs. */
  readonly objects: ProgramObject[];
  readonly results: Result[];
  /** Adds a representation that nobody asked for yet; gives its result. */
  add(representation: string, typeName: string): Result;
}

/** What fetches that hand in the same ask for, and where the answers go. */
export interface Batch {
  readonly objects: readonly ProgramObject[];
  /** For each of the objects, which of the representations is its. */
  readonly places: readonly number[];
  readonly texts: readonly string[];
  readonly types: readonly string[];
}

/** The program's functions; each may throw {@link GIVE_UP}. */
export interface ProgramCode {
  /** A new, empty answer. */
  start(): ProgramObject;
  /** Reads a root fetch's answer into it. */
  data: Record<number, (root: ProgramObject, text: string) => void>;
  /** Finds what a batch of entity fetches asks for, by the first of them. */
  batch: Record<number, (root: ProgramObject) => Batch>;
  /** Reads the answer of a fetch of a batch, and puts what it gave to the objects it is for. */
  fill: Record<number, (root: ProgramObject, text: string, batch: Batch) => void>;
  /** Finds what an entity fetch that shares its results has to ask for; gives whether something is under way already. */
  collect: Record<number, (root: ProgramObject, asked: Asked) => boolean>;
  /** Reads the answer of an entity fetch that shares its results, by group. */
  entities: Record<number, (root: ProgramObject, text: string, types: readonly string[]) => (ProgramObject | null)[]>;
  /** Puts results to the objects they are for, by group. */
  attach: Record<number, (objects: readonly ProgramObject[], results: readonly Result[]) => void>;
  /** The text of the answer's `data`. */
  write(root: ProgramObject): string;
  /** The entities that were read and are to be named: a type, then the JSON of a key, and so on. */
  subjects(root: ProgramObject): readonly string[];
}

/** What a program throws at anything it was not made for: one value for all, because a stack would cost more than the run. */
export const GIVE_UP = new Error('The program was not made for this answer.');

export interface Program {
  tree: PlanTree;
  fetches: readonly PlannedFetch[];
  /** What fetches take from each other. */
  covers: readonly Cover[];
  /** The fetches whose results are theirs alone, with the first of those that hand in the same. */
  batches: ReadonlyMap<number, number>;
  code: ProgramCode;
  /** The program's text, to be read. */
  source: string;
}

/**
 * Makes the program of an operation: one that runs its plan with the least work there is for answers as they should be.
 * @throws NotCompilable where it cannot be made
 */
export function compileProgram(input: ProgramInput): Program {
  const isMutation = input.operation.operation === OperationTypeNode.MUTATION;
  const { tree, fetches } = planFetches(input.plan, input.variables, !isMutation);
  const builder = new SiteBuilder(input.fullSchema, input.variables);
  const rootType = input.apiSchema.getRootType(input.operation.operation)!;
  const results = new Map<number, Site>();
  const rootSite = rootSiteOf(rootType.name);
  const root: Position = { sites: [rootSite] };
  const collect = new CollectCode(results, input.fullSchema);
  for (const fetch of fetches)
    if (fetch.id === fetch.group) results.set(fetch.id, resultSite(fetch, builder, input.fullSchema));
  const covers = isMutation ? [] : findCovers(fetches, results);
  const batches = findBatches(fetches, covers);
  for (const fetch of fetches) addFetch(fetch, { root, collect, covers, batches });
  for (const site of builder.sites) site.interning = interningOf(site, results);
  const { apiSchema, fragments, dataKeys, variables, access, subjects = new Map() } = input;
  for (const site of builder.sites) markSubjects(site, subjects);
  const writer = new WriterCode({ apiSchema, fragments, dataKeys, variables, access, results });
  const write = writer.object(rootType, [input.operation.selectionSet], root);
  const takeFunctions = covers.map((cover) => takeFunction(cover, results));
  const parser = writeParser(fetches, { builder, results, covers, apiSchema });
  const rootNames = rootNamesOf(fetches, batches, subjects);
  const source = [
    ...classes(builder, rootSite, rootNames),
    PARSER_RUNTIME,
    COLLECT_RUNTIME,
    ...(covers.length > 0 ? [COVER_RUNTIME] : []),
    ...takeFunctions,
    ...parser.functions,
    ...collect.functions,
    ...writer.functions,
    table(fetches, { results, batches, write }),
  ].join('\n');
  return {
    tree,
    fetches,
    covers,
    batches,
    source,
    code: load(source, new Map<string, unknown>([...parser.enums, ...writer.masks])),
  };
}

/** Where the answers of root fetches come together; no department gives it as it is. */
function rootSiteOf(typeName: string): Site {
  return {
    id: -1,
    variants: new Map([[typeName, []]]),
    attached: new Set(),
    interning: 'none',
    written: new Set(),
    runs: new Map(),
    keys: new Map(),
  };
}

interface ParserParts {
  builder: SiteBuilder;
  results: ResultSites;
  covers: readonly Cover[];
  apiSchema: GraphQLSchema;
}

function writeParser(
  fetches: readonly PlannedFetch[],
  { builder, results, covers, apiSchema }: ParserParts,
): ParserCode {
  const parser = new ParserCode(apiSchema, covers, results);
  const resultIds = new Set([...results.values()].map(({ id }) => id));
  for (const site of builder.sites) if (!resultIds.has(site.id)) parser.site(site);
  for (const { node, group, id } of fetches)
    if (group === id)
      (node.requires ? parser.entities : (site: Site) => (parser.site(site), parser.data(site))).call(
        parser,
        results.get(group)!,
      );
  return parser;
}

interface Building {
  root: Position;
  collect: CollectCode;
  covers: readonly Cover[];
  batches: ReadonlyMap<number, number>;
}

/** Fetches come in the plan's order: what one is made for has been fetched by those before it. */
function addFetch(fetch: PlannedFetch, { root, collect, covers, batches }: Building): void {
  const { node, group, path, id } = fetch;
  if (!node.requires) {
    root.sites[0]!.attached.add(group);
    return;
  }
  const target = collect.resolve(root, path);
  const { requires, inputRewrites } = node;
  const entities = { fetch: id, group, path, requires, inputRewrites };
  const first = batches.get(id);
  if (first === undefined)
    collect.shared(
      root,
      entities,
      covers.filter(({ by }) => by === group),
    );
  else if (first === id) collect.batch(root, entities);
  for (const site of target.sites) site.attached.add(group);
}

/** Where a fetch's answers stand. */
function resultSite({ node, template }: PlannedFetch, builder: SiteBuilder, schema: GraphQLSchema): Site {
  if (node.requires) return entityResults(template, builder, schema);
  const type = schema.getRootType(node.operationKind);
  if (!type) throw new NotCompilable(`no ${node.operationKind} type`);
  return builder.build({ group: [template.selectionSet], fragments: template.fragments }, type);
}

function entityResults({ selectionSet, fragments }: FetchTemplate, builder: SiteBuilder, schema: GraphQLSchema): Site {
  const [entities] = selectionSet.selections;
  if (entities?.kind !== Kind.FIELD || !entities.selectionSet)
    throw new NotCompilable('an entity fetch of another form');
  const types = new Set<GraphQLObjectType>();
  for (const selection of entities.selectionSet.selections) {
    if (selection.kind !== Kind.INLINE_FRAGMENT || !selection.typeCondition)
      throw new NotCompilable('an entity fetch of another form');
    for (const name of possibleTypeNames(selection.typeCondition.name.value, schema)) {
      const type = schema.getType(String(name));
      if (isObjectType(type)) types.add(type);
    }
  }
  return builder.buildResults({ group: [entities.selectionSet], fragments }, [...types]);
}

/** What entities are named by is read, whoever else needs it. */
function markSubjects(site: Site, subjects: SubjectTypes): void {
  for (const [typeName, fields] of site.variants) {
    const subject = subjects.get(typeName);
    const key = subject && keyAmong(subject, fields);
    if (!key) continue;
    for (const field of key) field.isRead = true;
    site.keys.set(typeName, key);
  }
  if (site.keys.size === 0 || site.variants.size === 1) return;
  // Where types look the same, the name alone tells which one it is.
  for (const fields of site.variants.values()) for (const field of fields) if (!field.type) field.isRead = true;
}

/** Answers themselves are never equal; leaves alone that nothing is joined to are read as quickly as looked up. */
function interningOf(site: Site, results: ReadonlyMap<number, Site>): Site['interning'] {
  if (site.variants.size !== 1 || [...results.values()].includes(site)) return 'none';
  const [fields] = [...site.variants.values()];
  const isLeaf = fields!.map(({ child }) => !child);
  if (!isLeaf.includes(false)) return site.attached.size > 0 && isLeaf.length > 0 ? 'whole' : 'none';
  const first = fields!.findIndex(({ type }) => type);
  return isLeaf[first] ? 'first' : 'none';
}

interface TableInput {
  results: ResultSites;
  batches: ReadonlyMap<number, number>;
  write: string;
}

function table(fetches: readonly PlannedFetch[], { results, batches, write }: TableInput): string {
  const data: string[] = [];
  const batch: string[] = [];
  const fill: string[] = [];
  const collect: string[] = [];
  const entities: string[] = [];
  const attach: string[] = [];
  for (const { id, group, node } of fetches) {
    const site = results.get(group)!;
    if (!node.requires) {
      data.push(`${id}(root, text) { R = root; root.g${group} = d${site.id}(text); }`);
      continue;
    }
    const first = batches.get(id);
    if (first !== undefined) {
      if (first === id) batch.push(`${id}(root) { R = root; return c${id}(); }`);
      fill.push(`${id}(root, text, { objects, places, types }) {
    R = root;
    const found = e${site.id}(text, types);
    for (let i = 0; i < objects.length; i++) objects[i].g${id} = found[places[i]];
  }`);
      continue;
    }
    collect.push(`${id}(root, to) { R = root; return c${id}(to); }`);
    if (id !== group) continue;
    entities.push(`${group}(root, text, types) { R = root; return e${site.id}(text, types); }`);
    attach.push(
      `${group}(objects, results) { for (let i = 0; i < objects.length; i++) objects[i].g${group} = results[i].value; }`,
    );
  }
  const members = [
    `start: () => new Root()`,
    ...Object.entries({ data, batch, fill, collect, entities, attach }).map(
      ([name, parts]) => `${name}: {\n${parts.map((part) => `  ${part},`).join('\n')}\n}`,
    ),
    `write: (root) => ${write}(root)`,
    'subjects: (root) => root.n ?? []',
  ];
  return `return {\n${members.join(',\n')}\n};`;
}

/** Nothing in the source comes from a request or a schema but as a JSON literal. */
function load(source: string, values: ReadonlyMap<string, unknown>): ProgramCode {
  const head = `'use strict';\nlet s = '', n = 0, p = 0, u, v, R;\nconst PENDING = Object.freeze({});\nfunction no() { throw F; }\n`;
  // oxlint-disable-next-line typescript/no-implied-eval -- generating code is what this file is for
  const make = new Function('F', 'BYTES', ...values.keys(), head + source) as (...values: unknown[]) => ProgramCode;
  return make(GIVE_UP, answerBytes, ...values.values());
}
