import { countries } from 'countries-list';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveDepartment, type RunningSubgraph } from '../../subgraphs/kit/subgraph.ts';
import { labour } from '../../subgraphs/labour/department.ts';
import type { Calendar, CalendarHoliday } from '../../subgraphs/labour/source.ts';
import { countWorkingDays } from '../../subgraphs/labour/working-days.ts';
import { askEntities } from '../kit/department.ts';

let subgraph: RunningSubgraph;

beforeAll(async () => {
  subgraph = await serveDepartment(labour, { PORT: '0' });
});

afterAll(() => subgraph.close());

test('holidays of a year come by date with their kind', async () => {
  const place = await askPlace('FR', 'hasCalendar holidays(year: 2025, kind: PUBLIC) { date name kind substitute }');
  expect(place).toMatchObject({ hasCalendar: true });
  const holidays = place?.['holidays'] as CalendarHoliday[];
  expect(holidays.map(({ date }) => date)).toEqual([
    '2025-01-01',
    '2025-04-21',
    '2025-05-01',
    '2025-05-08',
    '2025-05-29',
    '2025-06-09',
    '2025-07-14',
    '2025-08-15',
    '2025-11-01',
    '2025-11-11',
    '2025-12-25',
  ]);
  expect(holidays[0]).toEqual({
    date: '2025-01-01',
    name: 'Nouvel An',
    kind: 'PUBLIC',
    substitute: false,
  });
});

test('a holiday on a weekend and its substitute are two, and one of them is marked', async () => {
  const place = await askPlace('US', 'holidays(year: 2027, kind: PUBLIC) { date substitute }');
  expect(place?.['holidays']).toEqual(
    expect.arrayContaining([
      { date: '2027-07-04', substitute: false },
      { date: '2027-07-05', substitute: true },
    ]),
  );
});

test('a holiday that runs from sunset to sunset has the date of its day', async () => {
  const place = await askPlace('AE', 'holidays(year: 2025) { date name }');
  expect(place?.['holidays']).toContainEqual({ date: '2025-03-30', name: 'عيد الفطر' });
});

test.each(['PUBLIC', 'BANK', 'SCHOOL', 'OPTIONAL', 'OBSERVANCE'])('asking for %s gives no other kind', async (kind) => {
  const answer = await askEntities(
    subgraph.url,
    ['IL', 'US', 'AD'].map(toPlace),
    `... on Place { all: holidays(year: 2025) { kind } some: holidays(year: 2025, kind: ${kind}) { kind } }`,
  );
  for (const place of answer.data?._entities ?? []) {
    const all = place?.['all'] as { kind: string }[];
    expect(place?.['some']).toEqual(all.filter((holiday) => holiday.kind === kind));
  }
  const some = (answer.data?._entities ?? []).flatMap((place) => place?.['some'] as object[]);
  expect(some.length).toBeGreaterThan(0);
});

test.each([
  ['FR', 2025, 251, 'ten of the public holidays fall on its 261 weekdays'],
  ['SZ', 2026, 246, 'Incwala, begun on 28 December 2025, takes up 2 January too'],
  ['VN', 2025, 252, 'Tết takes five days'],
  ['IR', 2025, 292, 'only Friday is weekend'],
  ['IN', 2025, 308, 'only Sunday is weekend'],
])('%s has, in %i, %i working days: %s', async (iso, year, days) => {
  expect(await askPlace(iso, `workingDays(year: ${year})`)).toEqual({ workingDays: days });
});

test('each whole day of a public holiday is free, half days and other kinds are not', async () => {
  const plain = await countWorkingDays(calendarOf([]), 'DE', 2025);
  expect(plain).toBe(261);
  const monday = { date: '2025-03-03', name: '', kind: 'PUBLIC', substitute: false } as const;
  const count = (...holidays: CalendarHoliday[]) => countWorkingDays(calendarOf(holidays), 'DE', 2025);
  expect(await count({ ...monday, wholeDays: 1 })).toBe(plain - 1);
  expect(await count({ ...monday, wholeDays: 1 }, { ...monday, wholeDays: 1 })).toBe(plain - 1);
  expect(await count({ ...monday, wholeDays: 8 })).toBe(plain - 6);
  expect(await count({ ...monday, wholeDays: 0 })).toBe(plain);
  expect(await count({ ...monday, wholeDays: 1, kind: 'BANK' })).toBe(plain);
  expect(await count({ ...monday, date: '2024-12-30', wholeDays: 4 })).toBe(plain - 2);
});

test('a place without rules has no holidays and no working days, not none of them', async () => {
  const fields = '... on Place { iso hasCalendar holidays(year: 2025) { name } workingDays(year: 2025) }';
  const answer = await askEntities(subgraph.url, ['AQ', 'ZZ', 'fr', '', '__proto__', 'FR-75'].map(toPlace), fields);
  expect(answer.errors).toBeUndefined();
  for (const place of answer.data?._entities ?? []) {
    expect(place).toMatchObject({ hasCalendar: false, holidays: null, workingDays: null });
  }
});

test('the first and the last year are answered', async () => {
  const place = await askPlace(
    'DE',
    'first: workingDays(year: 1970) last: workingDays(year: 2100) holidays(year: 2100) { date }',
  );
  expect(place).toMatchObject({ first: expect.any(Number) as number, last: expect.any(Number) as number });
  expect(place?.['holidays']).toContainEqual({ date: '2100-01-01' });
});

test.each([1969, 2101, -1])('the year %i is refused in either field, and the rest is answered', async (year) => {
  const answer = await askEntities(
    subgraph.url,
    [toPlace('DE')],
    `... on Place { hasCalendar holidays(year: ${year}) { date } workingDays(year: ${year}) }`,
  );
  expect(answer.data).toEqual({ _entities: [{ hasCalendar: true, holidays: null, workingDays: null }] });
  const message = `The calendar covers 1970 to 2100; year ${year} is outside.`;
  expect(answer.errors).toMatchObject([
    { message, extensions: { code: 'BAD_USER_INPUT' } },
    { message, extensions: { code: 'BAD_USER_INPUT' } },
  ]);
});

test('every place with a calendar is answered without an error, and others are answered meanwhile', async () => {
  const all = askEntities(
    subgraph.url,
    Object.keys(countries).map(toPlace),
    '... on Place { hasCalendar workingDays(year: 2031) holidays(year: 2031) { date name kind } }',
  );
  const order: string[] = [];
  const meanwhile = fetch(new URL('/health', subgraph.url)).then(() => order.push('health'));
  const answer = await all.finally(() => order.push('all'));
  await meanwhile;
  expect(order).toEqual(['health', 'all']);
  expect(answer.errors).toBeUndefined();
  const covered = (answer.data?._entities ?? []).filter((place) => place?.['hasCalendar']);
  expect(covered.length).toBeGreaterThan(200);
  for (const place of covered) expect(place?.['workingDays']).toBeGreaterThan(200);
});

async function askPlace(iso: string, fields: string): Promise<Record<string, unknown> | null | undefined> {
  const answer = await askEntities(subgraph.url, [toPlace(iso)], `... on Place { ${fields} }`);
  expect(answer.errors).toBeUndefined();
  return answer.data?._entities[0];
}

function calendarOf(holidays: CalendarHoliday[]): Calendar {
  const inYear = (year: number) => holidays.filter(({ date }) => date.startsWith(String(year)));
  return { covers: () => true, holidays: (_iso, year) => Promise.resolve(inYear(year)) };
}

function toPlace(iso: string): object {
  return { __typename: 'Place', iso };
}
