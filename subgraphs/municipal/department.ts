import { badInput, checkFirst } from '../kit/faults.ts';
import { departmentFrom, type ManifestParts } from '../kit/manifest/manifest-department.ts';
import type { RecordContext } from '../kit/manifest/resolvers.ts';
import type { Department } from '../kit/subgraph.ts';
import { toAsciiName } from './ascii-name.ts';

interface CitiesArguments {
  name: string;
  first?: number | null;
}

const MAX_NAME_LENGTH = 100;

/** Municipal affairs, over the register's SQLite file; reads `MUNICIPAL_DATABASE_FILE`. */
export const municipal: Department = departmentFrom(new URL('department.yaml', import.meta.url), {
  resolvers: (register) => ({
    Query: {
      cities: (_: unknown, args: CitiesArguments, context: RecordContext) => citiesByName(register, args, context),
    },
  }),
});

function citiesByName({ list }: ManifestParts, { name, first }: CitiesArguments, context: RecordContext) {
  return list(
    'City',
    {
      where: [{ column: 'search_name', is: 'startsWith', value: checkName(name) }],
      orderBy: [
        { column: 'population', descending: true },
        { column: 'id', descending: false },
      ],
      first: checkFirst(first, { fallback: 20, max: 100 }),
    },
    context,
  );
}

function checkName(name: string): string {
  if (name.length > MAX_NAME_LENGTH) {
    throw badInput(`name has ${name.length} characters; it must have ${MAX_NAME_LENGTH} at most.`);
  }
  const ascii = toAsciiName(name);
  if ((ascii.match(/\p{L}/gu)?.length ?? 0) >= 2) return ascii;
  throw badInput(`name is "${name}"; it must have at least two letters.`);
}
