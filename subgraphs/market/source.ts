import { openDatabase } from '../kit/postgres.ts';

/** A row of `market.enterprise`, under the names the graph uses. */
export interface EnterpriseRow {
  uscc: string;
  regNo: string;
  name: string;
  status: string;
  industry: string | null;
  registeredCapitalCny: number | null;
  registeredAddress: string | null;
  /** `YYYY-MM-DD`. */
  establishedOn: string | null;
  legalRepresentativePid: string | null;
  synthetic: boolean;
}

/** A row of `market.shareholder`. */
export interface ShareholderRow {
  enterpriseUscc: string;
  name: string;
  sharePercent: number;
  holderUscc: string | null;
}

/** Which enterprises to list. */
export interface EnterpriseRange {
  first: number;
  /** The code after which to go on. */
  after: string | null;
  status: string | null;
  /** A part of the name, in any case. */
  name: string | null;
}

/** The enterprise register. Every question is one statement; each may fail with `SYSTEM_UNAVAILABLE`. */
export interface Register {
  /** The enterprises among these credit codes that are registered, in no order. */
  enterprisesByUscc(usccs: readonly string[]): Promise<EnterpriseRow[]>;
  /** The enterprises among these old numbers that are registered, in no order. */
  enterprisesByRegNo(regNos: readonly string[]): Promise<EnterpriseRow[]>;
  /** The shareholders of these enterprises, in the register's order. */
  shareholdersOf(usccs: readonly string[]): Promise<ShareholderRow[]>;
  /** Enterprises by credit code. */
  listEnterprises(range: EnterpriseRange): Promise<EnterpriseRow[]>;
  close(): Promise<void>;
}

const ENTERPRISE_COLUMNS = `uscc, reg_no as "regNo", name, status, industry,
  registered_capital_cny::float8 as "registeredCapitalCny", registered_address as "registeredAddress",
  to_char(established_on, 'YYYY-MM-DD') as "establishedOn", legal_representative_pid as "legalRepresentativePid", synthetic`;

/**
 * Opens the register's database.
 *
 * @param timeoutMs for one statement, and for making a connection
 * @throws StartError when the server cannot be reached or holds no register
 */
export async function openRegister(databaseUrl: string, timeoutMs: number): Promise<Register> {
  const { query, close } = await openDatabase({
    databaseUrl,
    timeoutMs,
    department: 'market',
    holds: 'enterprise register',
    table: 'market.enterprise',
  });
  return {
    enterprisesByUscc: (usccs) =>
      query(`select ${ENTERPRISE_COLUMNS} from market.enterprise where uscc = any($1)`, [usccs]),
    enterprisesByRegNo: (regNos) =>
      query(`select ${ENTERPRISE_COLUMNS} from market.enterprise where reg_no = any($1)`, [regNos]),
    shareholdersOf: (usccs) =>
      query(
        `select enterprise_uscc as "enterpriseUscc", name, share_percent::float8 as "sharePercent",
           holder_uscc as "holderUscc"
         from market.shareholder where enterprise_uscc = any($1) order by enterprise_uscc, place`,
        [usccs],
      ),
    listEnterprises: ({ first, after, status, name }) =>
      query(
        `select ${ENTERPRISE_COLUMNS} from market.enterprise
         where ($2::text is null or uscc > $2) and ($3::text is null or status = $3)
           and ($4::text is null or strpos(lower(name), lower($4)) > 0)
         order by uscc limit $1`,
        [first, after, status, name],
      ),
    close,
  };
}
