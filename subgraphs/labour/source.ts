import { setImmediate } from 'node:timers/promises';
import { bulkhead } from 'cockatiel';
import Holidays, { type HolidaysTypes } from 'date-holidays';
import { LRUCache } from 'lru-cache';
import { systemUnavailable } from '../kit/faults.ts';

/** A holiday as the calendar's rules give it. */
export interface CalendarHoliday {
  /** First day, `YYYY-MM-DD` in local time. */
  date: string;
  name: string;
  kind: HolidayKind;
  substitute: boolean;
  /** How many days, from `date` on, it takes up from morning to evening; 0 where it begins at noon. */
  wholeDays: number;
}

export type HolidayKind = 'PUBLIC' | 'BANK' | 'SCHOOL' | 'OPTIONAL' | 'OBSERVANCE';

export interface Calendar {
  /** Whether rules exist for this ISO 3166-1 alpha-2 code. */
  covers(iso: string): boolean;
  /**
   * Holidays that begin in one year, by date; empty where the calendar has no rules for the place.
   * @throws GraphQLError SYSTEM_UNAVAILABLE when too many years wait to be computed
   */
  holidays(iso: string, year: number): Promise<readonly CalendarHoliday[]>;
}

/** Years of places whose holidays are kept after they were computed (a few kilobytes each). */
const KEPT_YEARS = 2_000;
/** Years that wait to be computed at most; each takes some milliseconds. */
const MAX_WAITING_YEARS = 2_000;

const KINDS: Readonly<Record<HolidaysTypes.HolidayType, HolidayKind>> = {
  public: 'PUBLIC',
  bank: 'BANK',
  school: 'SCHOOL',
  optional: 'OPTIONAL',
  observance: 'OBSERVANCE',
};

const DAY_MS = 86_400_000;
/** Clocks change by an hour at most on the way through a holiday. */
const CLOCK_CHANGE_MS = 3_600_000;

/** Opens the calendar that is computed from the rules of the `date-holidays` package. */
export function openCalendar(): Calendar {
  const covered = new Set(Object.keys(new Holidays().getCountries()));
  const years = new LRUCache<string, Promise<readonly CalendarHoliday[]>>({ max: KEPT_YEARS });
  const turns = bulkhead(1, MAX_WAITING_YEARS);
  const compute = async (iso: string, year: number): Promise<readonly CalendarHoliday[]> => {
    // One year at a time, so that a question for the whole world does not hold up everybody else's.
    await setImmediate();
    return new Holidays(iso).getHolidays(year).map(toHoliday);
  };
  return {
    covers: (iso) => covered.has(iso),
    async holidays(iso, year) {
      if (!covered.has(iso)) return [];
      const key = `${iso} ${year}`;
      const known = years.get(key);
      if (known) return known;
      const computing = turns
        .execute(() => compute(iso, year))
        .catch((error: unknown) => {
          years.delete(key);
          throw systemUnavailable('The calendar could not be computed; try again.', error);
        });
      years.set(key, computing);
      return computing;
    },
  };
}

function toHoliday({ date, start, end, name, type, substitute }: HolidaysTypes.Holiday): CalendarHoliday {
  return {
    // Holidays that run from sunset to sunset start the evening before; the date is that of the day itself.
    date: date.slice(0, 10),
    name,
    kind: KINDS[type],
    substitute: substitute ?? false,
    wholeDays: Math.floor((end.getTime() - start.getTime() + CLOCK_CHANGE_MS) / DAY_MS),
  };
}
