import { getNamedType, isLeafType, isListType, getNullableType, isObjectType, type GraphQLSchema } from 'graphql';
import { entryOf, type CatalogueEntry } from './entry.ts';

/** Asks the graph something in nobody's name: the catalogue tells everybody of it. */
export type AskGraph = (query: string) => Promise<{ data?: unknown; errors?: readonly { message: string }[] }>;

/** Indicators, and why some may be missing. */
export interface FoundIndicators {
  readonly entries: readonly CatalogueEntry[];
  readonly gaps: readonly string[];
}

const PAGE = 500;
const MAX_PAGES = 100;

/** An indicator as departments give it. */
interface Indicator {
  code: string;
  name?: string | null;
  definition?: string | null;
  unit?: string | null;
  otherNames?: readonly string[] | null;
  owner?: { code?: string | null; title?: string | null; otherNames?: readonly string[] | null } | null;
}

/** The graph's indicators, where it has a field `indicators` that lists them by `code`. */
export async function readIndicators(schema: GraphQLSchema, ask: AskGraph): Promise<FoundIndicators> {
  const selection = selectionOf(schema);
  if (selection === undefined) return { entries: [], gaps: [] };
  const found: Indicator[] = [];
  for (let page = 0; page < MAX_PAGES; page++) {
    const after = found.length > 0 ? `, after: ${JSON.stringify(found.at(-1)!.code)}` : '';
    const { data, errors } = await ask(
      `{ indicators${selection.isPaged ? `(first: ${PAGE}${after})` : ''} ${selection.text} }`,
    );
    const { indicators } = (data ?? {}) as { indicators?: Indicator[] | null };
    if (!indicators)
      return { entries: found.map(toEntry), gaps: [`Indicators cannot be read: ${errors?.[0]?.message}`] };
    found.push(...indicators);
    if (!selection.isPaged || indicators.length < PAGE) break;
  }
  return { entries: found.map(toEntry), gaps: [] };
}

/** What is asked of an indicator: as much as there is. */
function selectionOf(schema: GraphQLSchema): { text: string; isPaged: boolean } | undefined {
  const field = schema.getQueryType()?.getFields()['indicators'];
  const type = field && getNamedType(field.type);
  if (!field || !isListType(getNullableType(field.type)) || !isObjectType(type)) return undefined;
  const fields = type.getFields();
  if (!fields['code']) return undefined;
  const leaves = ['code', 'name', 'definition', 'unit', 'otherNames'].filter(
    (name) => fields[name] && isLeafType(getNamedType(fields[name].type)),
  );
  const owner = fields['owner'] && getNamedType(fields['owner'].type);
  const ofOwner = isObjectType(owner) ? ['code', 'title', 'otherNames'].filter((name) => owner.getFields()[name]) : [];
  const names = field.args.map(({ name }) => name);
  return {
    text: `{ ${leaves.join(' ')} ${ofOwner.length > 0 ? `owner { ${ofOwner.join(' ')} }` : ''} }`,
    isPaged: names.includes('first') && names.includes('after'),
  };
}

function toEntry({ code, name, definition, unit, otherNames, owner }: Indicator): CatalogueEntry {
  return entryOf({
    kind: 'INDICATOR',
    name: code,
    title: name ?? undefined,
    description: definition ?? undefined,
    unit: unit ?? undefined,
    departments: owner?.code ? [owner.code] : [],
    otherNames: [...(otherNames ?? []), ...(owner?.title ? [owner.title] : []), ...(owner?.otherNames ?? [])],
  });
}
