import { z } from 'zod';
import { StartError } from '../program.ts';
import { looseName } from './loose-name.ts';
import { asObject, numberIn } from './json-values.ts';
import type { JsonSchema, Operation, ServiceDocument } from './service-document.ts';

/** How the pages of a list follow each other. */
export interface Paging {
  follow:
    | { kind: 'none' }
    /** Pages have numbers. */
    | { kind: 'page'; parameter: string; first: number }
    /** A page begins after so many records. */
    | { kind: 'offset'; parameter: string }
    /** Each page says what to ask for the next by. */
    | { kind: 'cursor'; parameter: string; next: string }
    /** Each page has the address of the next, in its body or in the header Link (RFC 8288). */
    | { kind: 'link'; next: string }
    /** The next page begins after the last record of this one, told by a column. */
    | { kind: 'after'; parameter: string; column: string };
  /** The parameter that says how many records a page has, and how many it may have. */
  size: { parameter: string; max: number; isBounded: boolean } | undefined;
  /** Where an answer says how many records all pages have. */
  total: string | undefined;
}

/** What a manifest can say of it; what it does not say is taken from the document. */
export const pagingSettings = z.strictObject({
  /** Parameters, of which one counts: a page's number, or how many records come before it, or what the answer before said. */
  page: z.string().optional(),
  offset: z.string().optional(),
  cursor: z.string().optional(),
  /** With `cursor`, where the answer has it; alone, where the answer has the next page's address, `Link` for the header. */
  next: z.string().optional(),
  /** A parameter that takes the last record that was seen, and the column that it takes. */
  after: z.strictObject({ parameter: z.string(), column: z.string() }).optional(),
  /** The parameter that says how many records a page has. */
  size: z.string().optional(),
  maxSize: z.int().min(1).max(10_000).optional(),
  /** Where an answer says how many records there are. */
  total: z.string().optional(),
});
type PagingSettings = z.infer<typeof pagingSettings>;

/** Names that such parameters and properties have, without signs between and in lower case. */
const NAMES = {
  page: ['page', 'pagenumber', 'pageno', 'pageindex'],
  offset: ['offset', 'skip', 'startindex'],
  cursor: ['cursor', 'pagetoken', 'continuationtoken', 'nexttoken'],
  size: ['first', 'perpage', 'pagesize', 'limit', 'size', 'take', 'maxresults', 'count', 'top'],
  total: ['total', 'resultcount', 'resultcnt', 'totalcount', 'totalitems', 'totalresults', 'totalelements', 'count'],
  nextCursor: ['endcursor', 'nextcursor', 'nextpagetoken', 'continuationtoken', 'nexttoken', 'cursor', 'next'],
  nextLink: ['next', 'nextlink', 'nexturl', 'nextpage', 'odatanextlink'],
} as const;

/** Properties that hold what there is to say of pages. */
const AROUND = /^(_?links|meta|paging|pagination|page|pageinfo|next)$/i;

/** Whether a property of an answer tells of its pages, by its name. */
export function tellsOfPages(name: string): boolean {
  return (
    AROUND.test(name) || Object.values(NAMES).some((names) => (names as readonly string[]).includes(looseName(name)))
  );
}

/** Records of a page where the document does not say how many there may be. */
const DEFAULT_SIZE = 100;

/** Finds out how an operation's pages follow each other. @throws StartError where the manifest names a parameter that there is not */
export function pagingOf(document: ServiceDocument, operation: Operation, said: PagingSettings): Paging {
  const parameter = (given: string | undefined, names: readonly string[]): string | undefined => {
    if (given === undefined) return queryParameter(operation, names)?.name;
    if (operation.parameters.some(({ name }) => name === given)) return given;
    throw new StartError(`${operation.name} has no parameter ${given}`);
  };
  const properties = propertiesOf(document, operation.answer ?? {});
  const isSaid = said.page ?? said.offset ?? said.cursor ?? said.next ?? said.after?.parameter;
  const unlessSaid = (given: string | undefined, names: readonly string[]): string | undefined =>
    isSaid !== undefined && given === undefined ? undefined : parameter(given, names);
  const page = unlessSaid(said.page, NAMES.page);
  const offset = unlessSaid(said.offset, NAMES.offset);
  const isConnection = property(properties, ['endcursor'], 'string') !== undefined;
  const cursor = unlessSaid(said.cursor, isConnection ? [...NAMES.cursor, 'after'] : NAMES.cursor);
  const link = operation.answerHeaders.includes('link') ? 'Link' : undefined;
  const found = property(properties, cursor === undefined ? NAMES.nextLink : NAMES.nextCursor, 'string') ?? link;
  const next = said.next ?? (isSaid === undefined || said.cursor !== undefined ? found : undefined);
  const size = parameter(said.size, NAMES.size);
  return {
    follow: followOf(operation, { page, offset, cursor, after: said.after, next }),
    size: size === undefined ? undefined : sizeOf(operation, size, said.maxSize),
    total: said.total ?? property(properties, NAMES.total, 'integer'),
  };
}

function followOf(
  operation: Operation,
  found: Partial<Record<'page' | 'offset' | 'cursor' | 'next', string | undefined>> & Pick<PagingSettings, 'after'>,
): Paging['follow'] {
  const { page, offset, cursor, next, after } = found;
  if (after) return { kind: 'after', ...after };
  // Who is led to the next page need not count.
  if (next !== undefined && cursor === undefined) return { kind: 'link', next };
  if (page !== undefined) return { kind: 'page', parameter: page, first: firstPage(operation, page) };
  if (offset !== undefined) return { kind: 'offset', parameter: offset };
  return cursor === undefined || next === undefined ? { kind: 'none' } : { kind: 'cursor', parameter: cursor, next };
}

function firstPage({ parameters }: Operation, name: string): number {
  const schema = parameters.find((each) => each.name === name)?.schema ?? {};
  return numberIn(schema['default']) ?? numberIn(schema['minimum']) ?? 1;
}

function sizeOf({ parameters }: Operation, name: string, said: number | undefined): Paging['size'] {
  const schema = parameters.find((each) => each.name === name)?.schema ?? {};
  const most = numberIn(schema['maximum']);
  return { parameter: name, max: said ?? most ?? DEFAULT_SIZE, isBounded: (said ?? most) !== undefined };
}

/** The parameters that paging takes, which narrow nothing. */
export function pagingParameters({ follow, size }: Paging): string[] {
  return ['parameter' in follow ? follow.parameter : undefined, size?.parameter].filter((name) => name !== undefined);
}

function queryParameter({ parameters }: Operation, names: readonly string[]) {
  return parameters.find((each) => each.in !== 'path' && !each.list && names.includes(looseName(each.name)));
}

/** Properties of an answer, and of the objects in it that tell of its pages, by their paths. */
function propertiesOf(document: ServiceDocument, answer: JsonSchema): Map<string, JsonSchema> {
  const found = new Map<string, JsonSchema>();
  const add = (schema: JsonSchema, before: string, depth: number): void => {
    for (const [name, given] of Object.entries(asObject(schema['properties']) ?? {})) {
      const inner = document.schema(given);
      found.set(`${before}${name}`, inner);
      if (depth < 3 && AROUND.test(name)) add(inner, `${before}${name}.`, depth + 1);
    }
  };
  add(answer, '', 1);
  return found;
}

function property(
  properties: ReadonlyMap<string, JsonSchema>,
  names: readonly string[],
  type: string,
): string | undefined {
  const isOfType = (schema: JsonSchema): boolean => [schema['type']].flat().includes(type);
  return [...properties].find(([path, schema]) => {
    // The address of a link may stand in an object of its own.
    const name =
      path
        .replace(/\.href$/, '')
        .split('.')
        .at(-1) ?? '';
    return names.includes(looseName(name)) && isOfType(schema);
  })?.[0];
}
