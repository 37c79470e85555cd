import { readCatalogue, type CatalogueDepartment, type Indicator, type PublisherId } from './catalogue.ts';
import type { UnlinkedGec } from './crosswalk.ts';
import { readFactbook } from './factbook.ts';
import { indexObservations, type ObservationIndex } from './observations.ts';
import { openPublishers, type Publisher } from './publishers.ts';

/** The departments of the economies, their indicators, and all that their publishers say. */
export interface Economies extends ObservationIndex {
  departments: readonly CatalogueDepartment[];
  /** By code, in the order of departments. */
  indicators: ReadonlyMap<string, Indicator>;
  /** What the Factbook tells of that is no ISO place, with why. */
  unlinked: readonly UnlinkedGec[];
  publishers: Readonly<Record<PublisherId, Pick<Publisher, 'source'>>>;
  /** When it was read. */
  readAt: Date;
}

/**
 * Reads the catalogue and everything its indicators are in: about a second, and about 30 MB that stay.
 *
 * @param folder the departments' files, with a slash at its end; default: the ones of this project
 * @throws Error when a file of the catalogue is wrong or a package is not installed
 */
export function openEconomies(folder?: string): Economies {
  const departments = readCatalogue(folder);
  const factbook = readFactbook();
  const publishers = openPublishers(factbook);
  const sources = departments.flatMap(({ indicators, publisher }) =>
    indicators.map((indicator) => ({ indicator, publisher: publishers[publisher] })),
  );
  const names = Object.values(publishers).map(({ id, source }) => [id, { source }] as const);
  return {
    departments,
    indicators: new Map(sources.map(({ indicator }) => [indicator.code, indicator])),
    unlinked: factbook.crosswalk.unlinked,
    // Their names alone: the profiles they were read from are let go.
    publishers: Object.fromEntries(names) as Economies['publishers'],
    readAt: new Date(),
    ...indexObservations(sources),
  };
}
