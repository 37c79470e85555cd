import { badInput } from '../kit/faults.ts';
import type { Resolvers } from '../kit/sdl-files.ts';
import type { Calendar, HolidayKind } from './source.ts';
import { countWorkingDays } from './working-days.ts';

interface Place {
  iso: string;
}

/** Resolvers over the calendar; nothing is batched because nothing leaves the process. */
export function createResolvers(calendar: Calendar): Resolvers {
  return {
    Place: {
      __resolveReference: ({ iso }: Place): Place => ({ iso }),
      hasCalendar: ({ iso }: Place) => calendar.covers(iso),
      async holidays({ iso }: Place, { year, kind }: { year: number; kind?: HolidayKind | null }) {
        checkYear(year);
        if (!calendar.covers(iso)) return null;
        const holidays = await calendar.holidays(iso, year);
        return kind ? holidays.filter((holiday) => holiday.kind === kind) : holidays;
      },
      workingDays({ iso }: Place, { year }: { year: number }) {
        checkYear(year);
        return calendar.covers(iso) ? countWorkingDays(calendar, iso, year) : null;
      },
    },
  };
}

function checkYear(year: number): void {
  if (year < 1970 || year > 2100) throw badInput(`The calendar covers 1970 to 2100; year ${year} is outside.`);
}
