import Holidays, { type HolidaysTypes } from 'date-holidays';

/** A holiday as the calendar's rules give it. */
export interface CalendarHoliday {
  /** `YYYY-MM-DD` in local time. */
  date: string;
  name: string;
  kind: HolidayKind;
  substitute: boolean;
}

export type HolidayKind = 'PUBLIC' | 'BANK' | 'SCHOOL' | 'OPTIONAL' | 'OBSERVANCE';

export interface Calendar {
  /** Whether rules exist for this ISO 3166-1 alpha-2 code. */
  covers(iso: string): boolean;
  /** Holidays of one year by date; empty where the calendar has no rules for the place. */
  holidays(iso: string, year: number): CalendarHoliday[];
}

/** Years of places whose holidays are kept after they were computed (a few kilobytes each). */
const KEPT_YEARS = 2_000;

/** Opens the calendar that is computed from the rules of the `date-holidays` package. */
export function openCalendar(): Calendar {
  const covered = new Set(Object.keys(new Holidays().getCountries()));
  const years = new Map<string, CalendarHoliday[]>();
  return {
    covers: (iso) => covered.has(iso),
    holidays(iso, year) {
      if (!covered.has(iso)) return [];
      const key = `${iso} ${year}`;
      const known = years.get(key);
      if (known) return known;
      const computed = new Holidays(iso).getHolidays(year).map(toHoliday);
      if (years.size >= KEPT_YEARS) years.delete(years.keys().next().value!);
      years.set(key, computed);
      return computed;
    },
  };
}

function toHoliday(holiday: HolidaysTypes.Holiday): CalendarHoliday {
  return {
    date: holiday.date.slice(0, 10),
    name: holiday.name,
    kind: holiday.type.toUpperCase() as HolidayKind,
    substitute: holiday.substitute ?? false,
  };
}
