import { demoCallers } from '../../../network/demo-callers.ts';
import type { CityRecords } from '../../../systems/city/records.ts';

/** What a column of the table is about: the fields of `who-sees-what.graphql` that stand in it. */
const COORDINATES = {
  'public facts': /^Enterprise\.(name|registeredAddress|status|registeredCapitalCny)$/,
  'tax amounts': /^(Taxpayer\.(declaredHeadcount|arrearsCny|filings)|Filing\.)/,
  'headcount by month': /^(InsuredUnit\.headcounts|HeadcountMonth\.)/,
  kWh: /^(PowerCustomer\.usage|PowerUsage\.)/,
  'personal data': /^(Enterprise\.legalRepresentative|Person\.)/,
  contact: /^HotlineEvent\./,
  court: /^CourtCase\./,
  credit: /^(CreditFile|Loan)\./,
  trail: /^Trail\./,
} as const;

export type Column = keyof typeof COORDINATES;
export const columns = Object.keys(COORDINATES) as Column[];

/** How much of a column somebody is given. */
export type Amount =
  'all' | 'name and address' | 'banded' | 'masked' | 'published' | 'own acts' | 'about me' | 'everything' | 'none';

/** How much, and the rules by which the rest is refused. */
type Row = Readonly<Record<Column, readonly [Amount, ...rules: string[]]>>;

const CLOSED_TRAIL = ['own acts', 'trail-closed'] as const;

/**
 * The table "Who may see what". Of personal data the contact of a hotline's event is a column of its own; groups are tested
 * apart, because everyone is given them.
 */
export const TABLE: Readonly<Record<string, Row>> = {
  public: {
    'public facts': ['all'],
    'tax amounts': ['none', 'tax-amounts'],
    'headcount by month': ['none', 'social-security-headcount'],
    kWh: ['none', 'power-kwh'],
    'personal data': ['none', 'market-personal'],
    contact: ['none', 'city-operations-contact'],
    court: ['published', 'courts-sealed'],
    credit: ['none', 'credit-registry-loans'],
    trail: ['none', 'trail-closed'],
  },
  enterprise: {
    'public facts': ['all'],
    'tax amounts': ['all'],
    'headcount by month': ['all'],
    kWh: ['all'],
    'personal data': ['all'],
    contact: ['none', 'city-operations-contact'],
    court: ['all'],
    credit: ['all'],
    trail: ['about me', 'trail-closed'],
  },
  'tax-inspector': {
    'public facts': ['all'],
    'tax amounts': ['all'],
    'headcount by month': ['all'],
    kWh: ['all'],
    'personal data': ['masked'],
    contact: ['none', 'city-operations-contact'],
    court: ['all'],
    credit: ['none', 'credit-registry-loans'],
    trail: CLOSED_TRAIL,
  },
  'tax-inspector-elsewhere': {
    'public facts': ['all'],
    'tax amounts': ['none', 'tax-inspector-elsewhere'],
    'headcount by month': ['all'],
    kWh: ['all'],
    'personal data': ['masked'],
    contact: ['none', 'city-operations-contact'],
    court: ['all'],
    credit: ['none', 'credit-registry-loans'],
    trail: CLOSED_TRAIL,
  },
  'bank-officer': {
    'public facts': ['all'],
    'tax amounts': ['banded'],
    'headcount by month': ['banded'],
    kWh: ['none', 'power-kwh'],
    'personal data': ['none', 'market-personal'],
    contact: ['none', 'city-operations-contact'],
    court: ['published', 'courts-sealed'],
    credit: ['banded'],
    trail: CLOSED_TRAIL,
  },
  'hotline-operator': {
    'public facts': ['name and address', 'market-hotline'],
    'tax amounts': ['none', 'tax-hotline'],
    'headcount by month': ['none', 'social-security-hotline'],
    kWh: ['none', 'power-hotline'],
    'personal data': ['none', 'market-hotline'],
    contact: ['all'],
    court: ['none', 'courts-hotline'],
    credit: ['none', 'credit-registry-hotline'],
    trail: CLOSED_TRAIL,
  },
  leader: {
    'public facts': ['all'],
    'tax amounts': ['none', 'tax-leader'],
    'headcount by month': ['none', 'social-security-leader'],
    kWh: ['none', 'power-leader'],
    'personal data': ['none', 'market-personal'],
    contact: ['none', 'city-operations-contact'],
    court: ['none', 'courts-leader'],
    credit: ['none', 'credit-registry-loans'],
    trail: ['none', 'trail-leader'],
  },
  auditor: {
    'public facts': ['none', 'market-auditor'],
    'tax amounts': ['none', 'tax-auditor'],
    'headcount by month': ['none', 'social-security-auditor'],
    kWh: ['none', 'power-auditor'],
    'personal data': ['none', 'market-auditor'],
    contact: ['none', 'city-operations-auditor'],
    court: ['none', 'courts-auditor'],
    credit: ['none', 'credit-registry-auditor'],
    trail: ['everything', 'trail-closed'],
  },
};

type Fields = Readonly<Record<string, unknown>>;

/** An error of the answer: a refusal. */
export interface Refusal {
  message: string;
  extensions: { code: string; coordinate: string; outcome: string; rule: string; department: string; needs?: string };
}

/** An answer to `who-sees-what.graphql`. */
export interface TableAnswer {
  data: {
    enterprise: Fields & {
      taxpayer: Fields;
      insuredUnit: Fields;
      powerCustomers: Fields[];
      hotlineEvents: Fields[];
      courtCases: Fields[];
      creditFile: Fields;
    };
    taxGroups: Fields[];
    headcountGroups: Fields[];
    powerGroups: Fields[];
    trail: Fields;
  };
  errors?: Refusal[];
}

/** The column that a field stands in; undefined for the groups. */
export function columnOf(coordinate: string): Column | undefined {
  return columns.find((column) => COORDINATES[column].test(coordinate));
}

/** What an answer gives of a column. */
export function givenOf(column: Column, { enterprise, trail }: TableAnswer['data']): unknown {
  switch (column) {
    case 'public facts': {
      const { uscc, synthetic, name, registeredAddress, status, registeredCapitalCny } = enterprise;
      return { uscc, synthetic, name, registeredAddress, status, registeredCapitalCny };
    }
    case 'tax amounts': {
      const { taxpayerId, declaredHeadcount, arrearsCny, filings } = enterprise.taxpayer;
      return { taxpayerId, declaredHeadcount, arrearsCny, filings };
    }
    case 'headcount by month':
      return enterprise.insuredUnit;
    case 'kWh':
      return enterprise.powerCustomers;
    case 'personal data':
      return enterprise['legalRepresentative'];
    case 'contact':
      return enterprise.hotlineEvents;
    case 'court':
      return enterprise.courtCases;
    case 'credit':
      return enterprise.creditFile;
    case 'trail':
      return Object.fromEntries(Object.entries(trail).map(([field, page]) => [field, page !== null]));
  }
}

/** What the systems were filled with, as far as somebody is given it, in the shape of the answer. */
export function truthOf(city: CityRecords, column: Column, amount: Amount): unknown {
  return new Truth(city).of(column, amount);
}

/** What the city knows of the enterprise of the query. */
class Truth {
  readonly #city: CityRecords;
  readonly #enterprise: CityRecords['enterprises'][number];

  constructor(city: CityRecords) {
    this.#city = city;
    this.#enterprise = city.enterprises.find(({ uscc }) => uscc === demoCallers.enterprise.claims.uscc)!;
  }

  of(column: Column, amount: Amount): unknown {
    const isGiven = amount !== 'none';
    switch (column) {
      case 'public facts':
        return this.#facts(amount);
      case 'tax amounts':
        return this.#taxAmounts(amount);
      case 'headcount by month':
        return this.#headcounts(amount);
      case 'kWh':
        return this.#of('powerCustomers', 'POWER', ({ customerNo }) => customerNo).map(({ customerNo, usage }) => ({
          customerNo,
          usage: isGiven ? usage.slice(-1) : null,
        }));
      case 'personal data':
        return this.#person(amount);
      case 'contact':
        return this.#city.hotlineEvents
          .filter(({ uscc }) => uscc === this.#enterprise.uscc)
          .map(({ eventNo, contactName, contactPhone }) => ({
            eventNo,
            contactName: isGiven ? contactName : null,
            contactPhone: isGiven ? contactPhone : null,
          }));
      case 'court':
        return this.#cases(amount);
      case 'credit':
        return this.#credit(amount);
      case 'trail':
        return {
          aboutMe: amount === 'about me',
          ownActs: amount !== 'none',
          everything: amount === 'everything',
        };
    }
  }

  #of<Rows extends 'taxpayers' | 'insuredUnits' | 'powerCustomers' | 'courtCases'>(
    rows: Rows,
    system: CityRecords['truth']['links'][number]['system'],
    keyOf: (row: CityRecords[Rows][number]) => string,
  ): CityRecords[Rows][number][] {
    const links = this.#city.truth.links.filter((link) => link.system === system);
    const keys = new Set(links.filter(({ uscc }) => uscc === this.#enterprise.uscc).map(({ localKey }) => localKey));
    return (this.#city[rows] as CityRecords[Rows][number][]).filter((row) => keys.has(keyOf(row)));
  }

  #facts(amount: Amount): object {
    const { uscc, name, registeredAddress, status, registeredCapitalCny } = this.#enterprise;
    const isNamed = amount === 'all' || amount === 'name and address';
    return {
      uscc,
      synthetic: true,
      name: isNamed ? name : null,
      registeredAddress: isNamed ? registeredAddress : null,
      status: amount === 'all' ? status : null,
      registeredCapitalCny: amount === 'all' ? registeredCapitalCny : null,
    };
  }

  #taxAmounts(amount: Amount): object {
    const [row] = this.#of('taxpayers', 'TAX', (taxpayer) => taxpayer.taxpayerId);
    const { taxpayerId, declaredHeadcount, arrearsCny, filings } = row!;
    if (amount === 'none') return { taxpayerId, declaredHeadcount: null, arrearsCny: null, filings: null };
    const { period, revenueCny } = filings.at(-1)!;
    const inBand = (value: number): number => (amount === 'banded' ? amountBand(value) : value);
    return {
      taxpayerId,
      declaredHeadcount: amount === 'banded' ? headcountBand(declaredHeadcount) : declaredHeadcount,
      arrearsCny: inBand(arrearsCny),
      filings: [{ period, revenueCny: inBand(revenueCny) }],
    };
  }

  #headcounts(amount: Amount): object {
    const [row] = this.#of('insuredUnits', 'SOCIAL_SECURITY', (unit) => unit.unitNo);
    const { unitNo, headcounts } = row!;
    if (amount === 'none') return { unitNo, headcounts: null };
    const months = headcounts.slice(-2).map(({ month, insured }) => ({
      month,
      insured: amount === 'banded' ? headcountBand(insured) : insured,
    }));
    return { unitNo, headcounts: months.reverse() };
  }

  #credit(amount: Amount): object {
    const { uscc, loans } = this.#city.creditFiles.find((file) => file.uscc === this.#enterprise.uscc)!;
    if (amount === 'none') return { uscc, outstandingCny: null, loans: null };
    const inBand = (value: number): number => (amount === 'banded' ? amountBand(value) : value);
    const newest = loans.toSorted((one, other) => (one.grantedOn < other.grantedOn ? 1 : -1)).slice(0, 1);
    return {
      uscc,
      outstandingCny: inBand(loans.reduce((sum, { outstandingCny }) => sum + outstandingCny, 0)),
      loans: newest.map(({ loanNo, outstandingCny }) => ({ loanNo, outstandingCny: inBand(outstandingCny) })),
    };
  }

  #person(amount: Amount): object | null {
    if (amount === 'none') return null;
    const { pid: _, ...person } = this.#city.people.find(({ pid }) => pid === this.#enterprise.legalRepresentativePid)!;
    if (amount === 'all') return person;
    const begun = (text: string): string => text[0]! + '*'.repeat(text.length - 1);
    return {
      name: begun(person.name),
      birthDate: begun(person.birthDate),
      idNumber: '*'.repeat(14) + person.idNumber.slice(-4),
      address: begun(person.address),
    };
  }

  #cases(amount: Amount): object[] {
    const cases = this.#of('courtCases', 'COURTS', ({ caseNo }) => caseNo);
    return cases.map(({ caseNo, published, title, amountCny }) => {
      const isGiven = amount === 'all' || (amount === 'published' && published);
      return { caseNo, published, title: isGiven ? title : null, amountCny: isGiven ? amountCny : null };
    });
  }
}

function amountBand(amountCny: number): number {
  return lowerBound(amountCny, [0, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000]);
}

function headcountBand(count: number): number {
  return lowerBound(count, [0, 1, 10, 50, 250, 1_000]);
}

function lowerBound(value: number, bands: readonly number[]): number {
  return bands.findLast((bound) => bound <= value)!;
}
