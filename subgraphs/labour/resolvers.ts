import { GraphQLError } from 'graphql';
import type { Resolvers } from '../kit/subgraph.ts';
import type { Calendar, HolidayKind } from './source.ts';

interface Place {
  iso: string;
}

/** Resolvers over the calendar; nothing is batched because nothing leaves the process. */
export function createResolvers(calendar: Calendar): Resolvers {
  return {
    Place: {
      __resolveReference: ({ iso }: Place): Place => ({ iso }),
      hasCalendar: ({ iso }: Place) => calendar.covers(iso),
      holidays({ iso }: Place, { year, kind }: { year: number; kind?: HolidayKind | null }) {
        if (!calendar.covers(iso)) return null;
        const holidays = calendar.holidays(iso, checkYear(year));
        return kind ? holidays.filter((holiday) => holiday.kind === kind) : holidays;
      },
      workingDays({ iso }: Place, { year }: { year: number }) {
        return calendar.covers(iso) ? countWorkingDays(calendar, iso, checkYear(year)) : null;
      },
    },
  };
}

function checkYear(year: number): number {
  if (year >= 1970 && year <= 2100) return year;
  throw new GraphQLError(`The calendar covers 1970 to 2100; year ${year} is outside.`, {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}

function countWorkingDays(calendar: Calendar, iso: string, year: number): number {
  const free = new Set(
    calendar.holidays(iso, year).filter((holiday) => holiday.kind === 'PUBLIC').map((holiday) => holiday.date),
  );
  let days = 0;
  for (let day = Date.UTC(year, 0, 1); day < Date.UTC(year + 1, 0, 1); day += 86_400_000) {
    const date = new Date(day);
    const weekday = date.getUTCDay();
    if (weekday !== 0 && weekday !== 6 && !free.has(date.toISOString().slice(0, 10))) days += 1;
  }
  return days;
}
