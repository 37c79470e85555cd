/** Something that the graph holds. */
export interface CatalogueEntry {
  readonly kind: 'DEPARTMENT' | 'TYPE' | 'FIELD' | 'INDICATOR';
  /** A department's or a type's name, `Type.field`, or an indicator's code. */
  readonly name: string;
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** Who gives it: names of subgraphs. */
  readonly departments: readonly string[];
  /** Whom to ask of a department. */
  readonly contact: string | undefined;
  readonly keys: readonly string[];
  /** What a field gives. */
  readonly type: string | undefined;
  /** What an indicator is counted in. */
  readonly unit: string | undefined;
  readonly maxAgeSeconds: number | undefined;
  readonly deprecationReason: string | undefined;
  readonly accessClasses: readonly string[];
  /** What else it is found by: its names in other languages. */
  readonly otherNames: readonly string[];
}

type EntryName = Pick<CatalogueEntry, 'kind' | 'name'>;

/** An entry of which nothing else is known. */
export function entryOf({ kind, name, ...known }: EntryName & Partial<CatalogueEntry>): CatalogueEntry {
  return {
    kind,
    name,
    title: undefined,
    description: undefined,
    departments: [],
    contact: undefined,
    keys: [],
    type: undefined,
    unit: undefined,
    maxAgeSeconds: undefined,
    deprecationReason: undefined,
    accessClasses: [],
    otherNames: [],
    ...known,
  };
}

/** One text for one entry. */
export function idOf({ kind, name }: EntryName): string {
  return `${kind} ${name}`;
}
