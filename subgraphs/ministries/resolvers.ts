import { badInput, checkFirst } from '../kit/faults.ts';
import type { Resolvers } from '../kit/sdl-files.ts';
import type { CatalogueDepartment, Indicator } from './catalogue.ts';
import type { UnlinkedGec } from './crosswalk.ts';
import type { Economies } from './economies.ts';
import { describeMethod } from './method.ts';
import { fieldName, figuresField, figuresType } from './names.ts';
import type { Observation, SourceRecord, Years } from './observations.ts';

interface Place {
  iso: string;
}

interface IndicatorsArguments {
  first?: number | null;
  after?: string | null;
  search?: string | null;
}

/** Resolvers of one department. Nothing is batched, since all of it is in memory. */
export function departmentResolvers(economies: Economies, { code, indicators }: CatalogueDepartment): Resolvers {
  const isKnown = ({ iso }: Place): boolean =>
    indicators.some((indicator) => economies.observations(indicator.code, iso).length > 0);
  const fields: Record<string, (place: Place, years: Years) => readonly Observation[] | null> = {};
  for (const indicator of indicators)
    fields[fieldName(indicator.code)] = ({ iso }, years) => observed(economies, indicator.code, iso, years);
  return {
    ...observationResolvers(economies),
    Place: {
      __resolveReference: ({ iso }: Place): Place => ({ iso }),
      [figuresField(code)]: (place: Place) => (isKnown(place) ? place : null),
    },
    [figuresType(code)]: fields,
  };
}

/** Resolvers of the register of departments and indicators. */
export function catalogueResolvers(economies: Economies): Resolvers {
  const { departments, indicators, unlinked } = economies;
  const byCode = new Map(departments.map((department) => [department.code, department]));
  return {
    ...observationResolvers(economies),
    Query: {
      departments: () => departments,
      department: (_: unknown, { code }: { code: string }) => byCode.get(code),
      indicator: (_: unknown, { code }: { code: string }) => indicators.get(code),
      indicators: (_: unknown, page: IndicatorsArguments) => listIndicators(economies, page),
      unlinkedPlaces: () => unlinked,
    },
    Department: {
      __resolveReference: ({ code }: { code: string }) => byCode.get(code),
      publisher: ({ publisher }: CatalogueDepartment) => economies.publishers[publisher].source,
    },
    Indicator: {
      __resolveReference: ({ code }: { code: string }) => indicators.get(code),
      owner: ({ owner }: Indicator) => byCode.get(owner),
      method: describeMethod,
      placeCount: ({ code }: Indicator) => economies.placesWithNumber(code).length,
      observations: ({ code }: Indicator, { place, ...years }: Years & { place: string }) =>
        observed(economies, code, place, years),
      records: ({ code }: Indicator, { place }: { place: string }) => economies.records(code, place),
    },
    IndicatorRecord: { place: ({ iso }: SourceRecord): Place => ({ iso }) },
    UnlinkedPlace: { partOf: ({ partOf }: UnlinkedGec) => partOf && { iso: partOf } },
  } as Resolvers;
}

function observationResolvers({ readAt }: Economies): Resolvers {
  const fetchedAt = readAt.toISOString();
  return {
    Observation: {
      indicator: ({ indicator }: Observation) => ({ code: indicator }),
      place: ({ iso }: Observation): Place => ({ iso }),
    },
    Provenance: { fetchedAt: () => fetchedAt },
  };
}

/** Null where the publisher says nothing: that is another thing than nothing of those years. */
function observed(economies: Economies, code: string, iso: string, years: Years): readonly Observation[] | null {
  return economies.records(code, iso).length === 0 ? null : economies.observations(code, iso, years);
}

function listIndicators({ indicators }: Economies, { first, after, search }: IndicatorsArguments): Indicator[] {
  const count = checkFirst(first, { fallback: 50, max: 500 });
  const all = [...indicators.values()];
  const start = after === null || after === undefined ? 0 : all.findIndex(({ code }) => code === after) + 1;
  if (after && start === 0) throw badInput(`after is "${after}"; it must be the code of an indicator.`);
  const sought = search?.toLowerCase() ?? '';
  const has = ({ name, otherNames, definition }: Indicator): boolean =>
    [name, ...otherNames, definition].join('\n').toLowerCase().includes(sought);
  return all.slice(start).filter(has).slice(0, count);
}
