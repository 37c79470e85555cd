import type { Indicator } from './catalogue.ts';
import type { LinkMethod } from './crosswalk.ts';
import type { PublishedEntry } from './published-entry.ts';
import type { Publisher } from './publishers.ts';
import { textAt, partsBehind } from './profile.ts';
import { readFigures, type Figure } from './reading/figures.ts';
import { lastVintage, type Vintage } from './reading/vintage.ts';

/**
 * How good a value is, from its publisher's own words. `REPORTED` and `ESTIMATED` are numbers as published, `APPROXIMATE` is
 * one that is said to be about right; of `RANGE` and `BOUND` only the limits are known; `NOT_AVAILABLE` is the publisher's own
 * "NA"; `TEXT` is what did not read as any of these.
 */
export type Quality = 'REPORTED' | 'ESTIMATED' | 'APPROXIMATE' | 'RANGE' | 'BOUND' | 'NOT_AVAILABLE' | 'TEXT';

/** Where a value comes from. */
export interface Provenance {
  /** Who published it. */
  source: string;
  /** Where it was read: package and version. */
  system: string;
  /** The record within the system, see {@link SourceRecord}. */
  recordId: string;
  /** What day, month or year it speaks of, ISO 8601; null where the publisher does not say. */
  asOf: string | null;
  /**
   * How it was got: as stated, read from a text, or read from a text whose year stands behind a later part of the same field.
   */
  method: 'STATED' | 'READ_FROM_TEXT' | 'READ_FROM_TEXT_YEAR_FROM_FIELD';
  quality: Quality;
  licence: string;
  synthetic: false;
}

/** A value of an indicator for a place and a period. */
export interface Observation {
  /** Code of the indicator. */
  indicator: string;
  /** ISO 3166-1 alpha-2 code of the place. */
  iso: string;
  /** ISO 8601, a year or a span of years; null where the publisher does not say. */
  period: string | null;
  /** Null where the publisher gives no one number; `text` has what it says. */
  value: number | null;
  /** Limits of the value, where those are what is known. */
  low: number | null;
  high: number | null;
  unit: string;
  /** The words it was read from. */
  text: string;
  provenance: Provenance;
}

/** The place of a publisher's data that observations were read from, as it stands there. */
export interface SourceRecord {
  /** `GM#Economy / Exports`: the publisher's key of the place, and the path of the field. */
  recordId: string;
  source: string;
  system: string;
  /** The publisher's own key of the place: a GEC code, the ISO code, or a name. */
  key: string;
  /** How that key leads to the place. */
  link: LinkMethod | 'SAME_KEY';
  iso: string;
  path: string;
  text: string;
}

/** Years that observations are asked for, both included; an observation without a year is in no range. */
export interface Years {
  from?: number | null | undefined;
  to?: number | null | undefined;
}

/** All observations of some indicators, read once. What it gives is shared and frozen. */
export interface ObservationIndex {
  /** Observations of an indicator for a place, newest first; empty where its publisher says nothing. */
  observations(code: string, iso: string, years?: Years): readonly Observation[];
  /** Where the observations of an indicator for a place were read. */
  records(code: string, iso: string): readonly SourceRecord[];
  /** Places that an indicator has at least one number of, by ISO code. */
  placesWithNumber(code: string): readonly string[];
  /** How many observations there are, by quality. */
  counts: Readonly<Record<Quality, number>>;
}

interface Read {
  observations: readonly Observation[];
  record: SourceRecord;
}

/** Reads the observations of indicators from what their publisher says. */
export function indexObservations(sources: Iterable<{ indicator: Indicator; publisher: Publisher }>): ObservationIndex {
  const byIndicator = new Map<string, Map<string, Read>>();
  const counts = { REPORTED: 0, ESTIMATED: 0, APPROXIMATE: 0, RANGE: 0, BOUND: 0, NOT_AVAILABLE: 0, TEXT: 0 };
  for (const { indicator, publisher } of sources) {
    const byPlace = new Map<string, Read>();
    const paths = indicator.paths.map((path) => ({ path, says: path.join(' / ') }));
    for (const [iso, entry] of publisher.entries) {
      const read = readEntry({ indicator, publisher, iso, entry, paths });
      if (!read) continue;
      byPlace.set(iso, read);
      for (const { provenance } of read.observations) counts[provenance.quality] += 1;
    }
    byIndicator.set(indicator.code, byPlace);
  }
  const find = (code: string, iso: string): Read | undefined => byIndicator.get(code)?.get(iso);
  return {
    counts,
    observations: (code, iso, years) => within(find(code, iso)?.observations ?? [], years),
    records(code, iso) {
      const read = find(code, iso);
      return read ? [read.record] : [];
    },
    placesWithNumber: (code) =>
      [...(byIndicator.get(code) ?? [])]
        .filter(([, { observations }]) => observations.some(({ value }) => value !== null))
        .map(([iso]) => iso),
  };
}

function readEntry(of: {
  indicator: Indicator;
  publisher: Publisher;
  iso: string;
  entry: PublishedEntry;
  /** The indicator's paths, and how each is said in a record's id. */
  paths: readonly { path: readonly string[]; says: string }[];
}): Read | null {
  const { indicator, publisher, iso, entry } = of;
  const { path, says } = of.paths.find((candidate) => textAt(entry.profile, candidate.path) !== undefined) ?? {};
  const text = path && textAt(entry.profile, path);
  if (path === undefined || says === undefined || text === undefined) return null;
  const figures = newestFirst(readFigures(text, indicator.notation));
  if (figures.length === 0) return null;
  const { source, system } = publisher;
  const key = entry.keys?.get(path[0] ?? '') ?? entry.key;
  const recordId = `${key}#${says}`;
  const fieldVintage = figures.some(({ vintage }) => vintage) ? null : vintageBehind(entry, path);
  const observations = figures.map((figure) =>
    toObservation({ indicator, publisher, iso, recordId, figure, fieldVintage }),
  );
  const record = { recordId, source, system, key, link: entry.link, iso, path: says, text };
  return { observations: Object.freeze(observations), record: Object.freeze(record) };
}

/** Most publishers' series begin with the newest; a few do not. Figures of one time stay in the publisher's order. */
function newestFirst(figures: readonly Figure[]): Figure[] {
  const time = ({ vintage }: Figure): string => vintage?.asOf ?? '';
  return figures.toSorted((one, other) => (time(one) === time(other) ? 0 : time(one) < time(other) ? 1 : -1));
}

/** Of a field in parts, the publisher dates the last: "total 37.8 years, male 36.5 years, female 39.2 years (2015 est.)". */
function vintageBehind({ profile }: PublishedEntry, path: readonly string[]): Vintage | null {
  for (const text of partsBehind(profile, path)) {
    const vintage = /\)\s*$/.test(text) ? lastVintage(text) : null;
    if (vintage) return vintage;
  }
  return null;
}

function toObservation(read: {
  indicator: Indicator;
  publisher: Publisher;
  iso: string;
  recordId: string;
  figure: Figure;
  fieldVintage: Vintage | null;
}): Observation {
  const { indicator, publisher, iso, recordId, figure, fieldVintage } = read;
  const vintage = figure.vintage ?? fieldVintage;
  const { value, low, high, text } = figure;
  return Object.freeze({
    indicator: indicator.code,
    iso,
    period: vintage?.period ?? null,
    ...{ value, low, high, unit: indicator.unit, text },
    provenance: Object.freeze({
      source: publisher.source,
      system: publisher.system,
      recordId,
      asOf: vintage?.asOf ?? null,
      method: fieldVintage ? 'READ_FROM_TEXT_YEAR_FROM_FIELD' : publisher.method,
      quality: qualityOf(figure, vintage),
      licence: publisher.licence,
      synthetic: false,
    }),
  });
}

function qualityOf({ wording }: Figure, vintage: Vintage | null): Quality {
  if (wording !== 'EXACT') return wording;
  return vintage?.estimated ? 'ESTIMATED' : 'REPORTED';
}

function within(observations: readonly Observation[], { from, to }: Years = {}): readonly Observation[] {
  if ((from ?? to ?? null) === null) return observations;
  return observations.filter(({ period }) => {
    if (period === null) return false;
    const [first = period, last = first] = period.split('/');
    return Number(last) >= (from ?? -Infinity) && Number(first) <= (to ?? Infinity);
  });
}
