import { z } from 'zod';
import { checked, type Checked } from '../kit/checked.ts';
import { systemBadAnswer } from '../kit/faults.ts';
import { groupKey, type GroupKey } from '../kit/groups.ts';
import { connectSoap, type SoapConnection } from './soap-connection.ts';

/** A taxpayer of the register; a value that does not fit is an error in its own field. */
export interface Taxpayer {
  /** As it was asked for, which is how the register writes it. */
  taxpayerId: string;
  district: string | null;
  declaredHeadcount: Checked<number>;
  arrearsCny: Checked<number>;
  synthetic: Checked<boolean>;
}

export interface Filing {
  period: string;
  filedOn: string | null;
  revenueCny: number;
  taxDueCny: number;
  taxPaidCny: number;
}

export interface InvoiceMonth {
  month: string;
  count: number;
  amountCny: number;
}

/** The taxpayers of one district and sector. */
export interface TaxGroup extends GroupKey {
  taxpayers: number;
  declaredHeadcount: number;
  revenueCny: number;
  medianRevenueCny: number;
  arrearsCny: number;
}

/** The tax register. Each call is one SOAP request; a call fails as a whole with a `SYSTEM_...` code. */
export interface TaxRegister {
  /** Those that are registered, at most {@link MAX_TAXPAYERS_PER_CALL} a call. */
  taxpayers(ids: readonly string[]): Promise<Map<string, Taxpayer>>;
  /** The newest filings of each, newest first. */
  filings(ids: readonly string[], newest: number): Promise<Map<string, Checked<Filing>[]>>;
  /** The newest months of invoices of each, newest first. */
  invoices(ids: readonly string[], newest: number): Promise<Map<string, Checked<InvoiceMonth>[]>>;
  /** Every group of taxpayers. */
  groups(): Promise<TaxGroup[]>;
  close(): Promise<void>;
}

/** The register takes no more taxpayers in a request. */
export const MAX_TAXPAYERS_PER_CALL = 100;

/** The largest amount whose hundredths a GraphQL Float still carries exactly. */
const MAX_AMOUNT_CNY = Number.MAX_SAFE_INTEGER / 100;

const text = z.string({ error: 'missing' });
const amount = text
  .regex(/^-?\d+(\.\d{1,4})?$/, 'not a decimal amount')
  .transform(Number)
  .refine((value) => Math.abs(value) <= MAX_AMOUNT_CNY, 'too large to be carried exactly');
const count = text
  .regex(/^\d+$/, 'not a whole number')
  .transform(Number)
  .refine((value) => value <= 2_147_483_647, 'too large for an Int');
const month = text.regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'not a month');
const day = text.regex(/^\d{4}-\d{2}-\d{2}$/, 'not a day').refine((value) => Date.parse(value) > 0, 'not a day');
const flag = z.enum(['Y', 'N'], { error: 'neither Y nor N' }).transform((value) => value === 'Y');

const filing = z
  .object({
    TAX_PERIOD: text.regex(/^\d{4}-Q[1-4]$/, 'not a quarter'),
    FILED_DT: day.nullish(),
    REVENUE_AMT: amount,
    DUE_AMT: amount,
    PAID_AMT: amount,
  })
  .transform((row): Filing => ({
    period: row.TAX_PERIOD,
    filedOn: row.FILED_DT ?? null,
    revenueCny: row.REVENUE_AMT,
    taxDueCny: row.DUE_AMT,
    taxPaidCny: row.PAID_AMT,
  }));
const invoiceMonth = z
  .object({ INV_MONTH: month, INV_CNT: count, INV_AMT: amount })
  .transform((row): InvoiceMonth => ({ month: row.INV_MONTH, count: row.INV_CNT, amountCny: row.INV_AMT }));

const groups = z.array(
  z
    .object({
      DISTRICT_CD: text,
      SECTOR_CD: text,
      TAXPAYER_CNT: count,
      DECL_HEADCNT: count,
      REVENUE_AMT: amount,
      MEDIAN_REVENUE_AMT: amount,
      ARREARS_AMT: amount,
    })
    .transform((row): TaxGroup => ({
      ...groupKey(row.DISTRICT_CD, row.SECTOR_CD),
      taxpayers: row.TAXPAYER_CNT,
      declaredHeadcount: row.DECL_HEADCNT,
      revenueCny: row.REVENUE_AMT,
      medianRevenueCny: row.MEDIAN_REVENUE_AMT,
      arrearsCny: row.ARREARS_AMT,
    })),
);

/** A row must say whose it is; the rest is checked value by value, so that one bad value spoils only its own place. */
const rows = z.array(z.looseObject({ TAXPAYER_NO: text })).optional();
type Row = NonNullable<z.infer<typeof rows>>[number];

/** Reaches the register by its WSDL, read over the wire when it is first needed. */
export function connectRegister(settings: { wsdlUrl: string; timeoutMs: number }): TaxRegister {
  const soap = connectSoap(settings);
  return {
    async taxpayers(ids) {
      const found = await ask(soap, 'GetTaxpayers', { TAXPAYER_NO: askable(ids) }, 'TAXPAYER');
      return new Map(found.map((row) => [row.TAXPAYER_NO, toTaxpayer(row)]));
    },
    async filings(ids, newest) {
      const found = await ask(soap, 'GetFilings', { TAXPAYER_NO: askable(ids), NEWEST: newest }, 'FILING');
      return grouped(found, (row, no) => checked(filing, row, `a filing of taxpayer ${no}`));
    },
    async invoices(ids, newest) {
      const found = await ask(soap, 'GetInvoiceMonths', { TAXPAYER_NO: askable(ids), NEWEST: newest }, 'INVOICE_MONTH');
      return grouped(found, (row, no) => checked(invoiceMonth, row, `the invoices of taxpayer ${no}`));
    },
    async groups() {
      const answer = z
        .object({ RESULT_CNT: count, GROUP: groups.default([]) })
        .safeParse(await soap.call('GetStatistics', {}));
      if (answer.success && answer.data.GROUP.length === answer.data.RESULT_CNT) return answer.data.GROUP;
      throw systemBadAnswer("The tax system's answer to GetStatistics cannot be read.", answer.error);
    },
    close: () => soap.close(),
  };
}

/** One key that the register could never hold must not get the whole batch refused. */
function askable(ids: readonly string[]): string[] {
  return ids.filter((id) => /^[\x21-\x7e]{1,32}$/.test(id));
}

async function ask(
  soap: SoapConnection,
  operation: string,
  request: { TAXPAYER_NO: string[]; NEWEST?: number },
  element: string,
): Promise<Row[]> {
  if (request.TAXPAYER_NO.length === 0) return [];
  const answer = await soap.call(operation, request);
  // The count tells an answer without rows from an answer that is not one.
  const envelope = z.object({ RESULT_CNT: count, [element]: rows }).safeParse(answer);
  const found = envelope.success ? ((envelope.data[element] ?? []) as Row[]) : null;
  if (found && found.length === envelope.data?.RESULT_CNT) return found;
  throw systemBadAnswer(`The tax system's answer to ${operation} cannot be read.`, envelope.error);
}

function toTaxpayer(row: Row): Taxpayer {
  const of = `of taxpayer ${row.TAXPAYER_NO}`;
  return {
    taxpayerId: row.TAXPAYER_NO,
    district: typeof row['DISTRICT_CD'] === 'string' ? row['DISTRICT_CD'] : null,
    declaredHeadcount: checked(count, row['DECL_HEADCNT'], `the declared headcount ${of}`),
    arrearsCny: checked(amount, row['ARREARS_AMT'], `the arrears ${of}`),
    synthetic: checked(flag, row['SYNTH_FLG'], `the synthetic flag ${of}`),
  };
}

function grouped<T>(
  found: readonly Row[],
  toItem: (row: Row, taxpayerNo: string) => Checked<T>,
): Map<string, Checked<T>[]> {
  const items = new Map<string, Checked<T>[]>();
  for (const row of found) {
    const list = items.get(row.TAXPAYER_NO) ?? [];
    list.push(toItem(row, row.TAXPAYER_NO));
    items.set(row.TAXPAYER_NO, list);
  }
  return items;
}
