import { z } from 'zod';
import { checked, type Checked } from '../kit/checked.ts';
import { systemBadAnswer } from '../kit/faults.ts';
import { groupKey, type GroupKey } from '../kit/groups.ts';
import { connectRest, type RestAnswer, type RestSettings } from './rest-connection.ts';

/** An employer; a value that does not fit is an error in its own field. */
export interface InsuredUnit {
  unitNo: string;
  name: Checked<string>;
  insuredSince: Checked<string>;
  synthetic: Checked<boolean>;
}

export interface HeadcountMonth {
  month: string;
  insured: number;
}

/** The units of one district and sector. */
export interface HeadcountGroup extends GroupKey {
  units: number;
  insured: number;
  medianInsured: number;
}

/** Social security's register of units. A call fails with a `SYSTEM_...` code, within its deadline. */
export interface UnitRegister {
  /** One unit; `null` where the register has none of that number. */
  unit(unitNo: string): Promise<InsuredUnit | null>;
  /** The newest months of one unit, newest first; `null` where the register has no such unit. */
  headcounts(unitNo: string, months: number): Promise<Checked<HeadcountMonth>[] | null>;
  /** Every group of units. */
  groups(): Promise<HeadcountGroup[]>;
  close(): Promise<void>;
}

/** The service gives no larger pages. */
const PAGE_SIZE = 12;

const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'not a month');
const headcount = z.object({ month, insured: z.int32().min(0) });
const group = z
  .object({
    district: z.string(),
    sector: z.string(),
    units: z.int32().min(1),
    insured: z.int32().min(0),
    median_insured: z.number().min(0),
  })
  .transform(({ district, sector, median_insured: medianInsured, ...counts }): HeadcountGroup => {
    return { ...groupKey(district, sector), ...counts, medianInsured };
  });

/** Reaches the service when it is first needed. */
export function connectUnits(settings: RestSettings): UnitRegister {
  const service = connectRest(settings);
  return {
    async unit(unitNo) {
      if (!couldExist(unitNo)) return null;
      const answer = await service.run((get) => get(`/api/units/${unitNo}`));
      return isAbsent(answer, unitNo) ? null : toUnit(answer.body, unitNo);
    },
    async headcounts(unitNo, months) {
      if (!couldExist(unitNo)) return null;
      return service.run((get) => readMonths(get, unitNo, months));
    },
    groups: () => service.run(readGroups),
    close: () => service.close(),
  };
}

async function readGroups(get: (path: string) => Promise<RestAnswer>): Promise<HeadcountGroup[]> {
  const { status, body } = await get('/api/groups');
  const parsed = z.object({ total: z.int(), items: z.array(group) }).safeParse(body);
  if (status === 200 && parsed.success && parsed.data.items.length === parsed.data.total) return parsed.data.items;
  throw systemBadAnswer('The answer of social security cannot be read: these are not its groups.', parsed.error);
}

/** Anything else must not get into the path of a URL. */
function couldExist(unitNo: string): boolean {
  return /^[A-Za-z0-9-]{1,32}$/.test(unitNo);
}

async function readMonths(
  get: (path: string) => Promise<RestAnswer>,
  unitNo: string,
  months: number,
): Promise<Checked<HeadcountMonth>[] | null> {
  const found: Checked<HeadcountMonth>[] = [];
  for (let page = 1; found.length < months; page += 1) {
    const answer = await get(`/api/units/${unitNo}/headcounts?page=${page}&page_size=${PAGE_SIZE}`);
    if (isAbsent(answer, unitNo)) return null;
    const { total, items } = readPage(answer.body, unitNo, page);
    found.push(...items.map((item) => checked(headcount, item, `the headcounts of unit ${unitNo}`)));
    if (items.length === 0 || found.length >= total) break;
  }
  return found.slice(0, months);
}

/** Only a 404 that names the unit says that there is none; others come from whoever sits at a wrong address. */
function isAbsent({ status, body }: RestAnswer, unitNo: string): boolean {
  if (status === 200) return false;
  if (z.object({ unit_no: z.literal(unitNo) }).safeParse(body).success) return true;
  throw systemBadAnswer('The answer of social security cannot be read: HTTP 404 without a unit.');
}

function toUnit(body: unknown, unitNo: string): InsuredUnit {
  const parsed = z.looseObject({ unit_no: z.literal(unitNo) }).safeParse(body);
  if (!parsed.success) {
    throw systemBadAnswer('The answer of social security cannot be read: it is not the unit asked for.', parsed.error);
  }
  const unit = parsed.data;
  return {
    unitNo,
    name: checked(z.string(), unit['unit_name'], `the name of unit ${unitNo}`),
    insuredSince: checked(month, unit['insured_since'], `the first month of unit ${unitNo}`),
    synthetic: checked(z.boolean(), unit['synthetic'], `the synthetic mark of unit ${unitNo}`),
  };
}

function readPage(body: unknown, unitNo: string, page: number): { total: number; items: unknown[] } {
  const parsed = z
    .object({
      unit_no: z.literal(unitNo),
      page: z.literal(page),
      total: z.int().min(0),
      items: z.array(z.unknown()).max(PAGE_SIZE),
    })
    .safeParse(body);
  if (parsed.success) return parsed.data;
  throw systemBadAnswer('The answer of social security cannot be read: it is not the page asked for.', parsed.error);
}
