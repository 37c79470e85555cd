import weekData from 'cldr-core/supplemental/weekData.json' with { type: 'json' };
import type { Calendar } from './source.ts';

const DAY_MS = 86_400_000;
const WEEK = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const {
  weekendStart,
  weekendEnd,
}: Record<'weekendStart' | 'weekendEnd', Readonly<Record<string, string>>> = weekData.supplemental.weekData;

/**
 * Counts the days of a year that are neither weekend nor, as a whole, public holiday. A public holiday that begins at
 * noon leaves a working day.
 *
 * @param iso a place the calendar covers; its weekend is the one it has today, also for years in which it had another
 */
export async function countWorkingDays(calendar: Calendar, iso: string, year: number): Promise<number> {
  const weekend = weekendOf(iso);
  const free = await publicHolidays(calendar, iso, year);
  let days = 0;
  for (let day = Date.UTC(year, 0, 1); day < Date.UTC(year + 1, 0, 1); day += DAY_MS) {
    if (!weekend.has(new Date(day).getUTCDay()) && !free.has(day)) days += 1;
  }
  return days;
}

/** Days that are public holidays, as UTC midnights; a holiday of late December may reach into the year after. */
async function publicHolidays(calendar: Calendar, iso: string, year: number): Promise<Set<number>> {
  const years = await Promise.all([calendar.holidays(iso, year - 1), calendar.holidays(iso, year)]);
  const free = new Set<number>();
  for (const { kind, date, wholeDays } of years.flat()) {
    if (kind !== 'PUBLIC') continue;
    for (let day = 0; day < wholeDays; day += 1) free.add(Date.parse(date) + day * DAY_MS);
  }
  return free;
}

/** Weekend days of a place, 0 for Sunday, out of CLDR's week data; `001`, the world, where it says nothing. */
function weekendOf(iso: string): Set<number> {
  const first = WEEK.indexOf(weekendStart[iso] ?? weekendStart['001'] ?? '');
  const last = WEEK.indexOf(weekendEnd[iso] ?? weekendEnd['001'] ?? '');
  const length = ((last - first + WEEK.length) % WEEK.length) + 1;
  return new Set(Array.from({ length }, (_, day) => (first + day) % WEEK.length));
}
