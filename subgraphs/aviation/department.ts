import { checkFirst } from '../kit/faults.ts';
import { departmentFrom, type ManifestParts } from '../kit/manifest/manifest-department.ts';
import type { RecordContext } from '../kit/manifest/resolvers.ts';
import type { SourceRecord } from '../kit/manifest/source-record.ts';
import type { Department } from '../kit/subgraph.ts';

/**
 * Civil aviation, behind its paged REST registry; reads `AVIATION_URL` and `AVIATION_TIMEOUT_MS` (default 3000, for one question
 * with all its pages).
 */
export const aviation: Department = departmentFrom(new URL('department.yaml', import.meta.url), {
  resolvers: (registry) => ({
    Place: {
      airports: (place: SourceRecord, args: AirportsArguments, context: RecordContext) =>
        airportsOf(registry, { iso: place.recordId ?? '', ...args }, context),
    },
  }),
});

interface AirportsArguments {
  first?: number | null;
  size?: string | null;
}

/** The registry's words for the sizes that airports can be asked for by. */
const REGISTRY_TYPES: Readonly<Record<string, string>> = {
  LARGE: 'large_airport',
  MEDIUM: 'medium_airport',
  SMALL: 'small_airport',
  HELIPORT: 'heliport',
  SEAPLANE_BASE: 'seaplane_base',
  CLOSED: 'closed',
};

/** The airports of a place, maybe of one size alone: a manifest cannot narrow what a record leads to. */
function airportsOf(
  { list }: ManifestParts,
  { iso, first, size }: AirportsArguments & { iso: string },
  context: RecordContext,
) {
  const most = checkFirst(first, { fallback: 20, max: 200 });
  if (!/^[A-Z]{2}$/.test(iso)) return null;
  const where = [
    { column: 'iso_country', is: 'equals' as const, value: iso },
    ...(size ? [{ column: 'type', is: 'equals' as const, value: REGISTRY_TYPES[size]! }] : []),
  ];
  return list('Airport', { where, orderBy: [{ column: 'ident', descending: false }], first: most }, context);
}
