/**
 * What the city's departments keep, each in its own system and under its own key. Made by a seeded generator;
 * every record is synthetic. The systems' seeds write these records into their own stores; nothing else reads them.
 */

/** Everything one run of the generator makes. The same settings give the same city, byte for byte. */
export interface CityRecords {
  /** Months covered, `YYYY-MM`, oldest first. */
  months: readonly string[];
  enterprises: MarketRecord[];
  taxpayers: TaxRecord[];
  insuredUnits: SocialSecurityRecord[];
  powerCustomers: PowerRecord[];
  people: PersonRecord[];
  hotlineEvents: HotlineRecord[];
  courtCases: CourtRecord[];
  parcels: ParcelRecord[];
  fireInspections: FireInspectionRecord[];
  customsDeclarations: CustomsRecord[];
  creditFiles: CreditRecord[];
  truth: CityTruth;
}

/** A row of the enterprise register (market regulation). */
export interface MarketRecord {
  /** Unified social credit code with a valid GB 32100 check character and a division of `99xxxx`. */
  uscc: string;
  /** 15 digits, from before the credit codes. */
  regNo: string;
  name: string;
  status: 'ACTIVE' | 'SUSPENDED' | 'REVOKED' | 'DEREGISTERED';
  /** Section letter of the industry classification. */
  industry: string;
  registeredCapitalCny: number;
  registeredAddress: string;
  /** `YYYY-MM-DD`. */
  establishedOn: string;
  /** The legal representative's person id. */
  legalRepresentativePid: string;
  shareholders: { name: string; sharePercent: number; enterpriseUscc: string | null }[];
}

/** What every system notes of a record for its statistics. */
export interface Grouping {
  /** Code of the district. */
  district: string;
  /** Section letter of the industry classification. */
  sector: string;
}

/** A taxpayer, as the tax system keeps it. */
export interface TaxRecord extends Grouping {
  /** The credit code as the tax system writes it: hyphenated in a tenth of rows, mistyped in a few. */
  taxpayerId: string;
  name: string;
  address: string;
  declaredHeadcount: number;
  arrearsCny: number;
  filings: { period: string; filedOn: string | null; revenueCny: number; taxDueCny: number; taxPaidCny: number }[];
  invoices: { month: string; count: number; amountCny: number }[];
}

/** An employer, as social security keeps it. */
export interface SocialSecurityRecord extends Grouping {
  /** Social security's own number; says nothing about the credit code. */
  unitNo: string;
  name: string;
  address: string;
  /** `YYYY-MM`. */
  insuredSince: string;
  headcounts: { month: string; insured: number }[];
}

/** A customer of the power company. */
export interface PowerRecord extends Grouping {
  /** The company's own number; says nothing about the credit code. */
  customerNo: string;
  name: string;
  /** Where the meter hangs, as text, written in the company's own way. */
  meterAddress: string;
  usage: { month: string; kwh: number }[];
  applications: { applicationNo: string; appliedOn: string; capacityKva: number; connectedOn: string | null }[];
}

/** A person, as public security keeps it. */
export interface PersonRecord {
  pid: string;
  name: string;
  /** `YYYY-MM-DD`. */
  birthDate: string;
  /** 18 characters, the last of which checks the others, of a division of `99xxxx`. */
  idNumber: string;
  address: string;
}

/** What the hotline took down of a call. */
export interface HotlineRecord {
  eventNo: string;
  category: string;
  /** The enterprise it is about, where the caller named one. */
  uscc: string | null;
  address: string;
  /** `YYYY-MM-DD`. */
  receivedOn: string;
  /** The department it was handed to. */
  assignedTo: string;
  closedOn: string | null;
  contactName: string;
  contactPhone: string;
}

/** A case of the courts. */
export interface CourtRecord {
  caseNo: string;
  title: string;
  kind: 'CONTRACT' | 'LABOUR' | 'LEASE' | 'ENFORCEMENT';
  stage: 'FILED' | 'HEARD' | 'DECIDED' | 'ENFORCED';
  /** `YYYY-MM-DD`. */
  filedOn: string;
  /** Whether anybody may read it. */
  published: boolean;
  /** By name alone, like every party. */
  claimant: string;
  respondent: string;
  amountCny: number;
}

/** A parcel of land, as planning and land keeps it. */
export interface ParcelRecord {
  /** Planning's own number; the district is in it, and nothing of the holder. */
  pin: string;
  district: string;
  address: string;
  landUse: 'INDUSTRIAL' | 'COMMERCIAL' | 'WAREHOUSE' | 'OFFICE';
  areaM2: number;
  title: {
    kind: 'GRANTED' | 'ALLOCATED' | 'LEASED';
    holderName: string;
    /** Null where the title is from before the credit codes. */
    holderUscc: string | null;
    /** `YYYY-MM-DD`. */
    registeredOn: string;
    expiresOn: string;
  };
}

/** A visit of the fire brigade to premises. */
export interface FireInspectionRecord {
  inspectionNo: string;
  /** Of the premises, as the inspector wrote it: the register's in nine of ten. */
  address: string;
  /** `YYYY-MM-DD`. */
  inspectedOn: string;
  result: 'PASSED' | 'DEFECTS' | 'CLOSED';
  defects: number;
  areaM2: number;
  /** `YYYY-MM-DD`; null where the premises are closed. */
  nextDueOn: string | null;
  inspector: string;
}

/** A declaration of goods, with the messages that customs sent about it. */
export interface CustomsRecord {
  declarationNo: string;
  /** Customs' own code for the trader. */
  customsCode: string;
  uscc: string;
  direction: 'IMPORT' | 'EXPORT';
  /** Chapter of the Harmonised System. */
  chapter: string;
  valueCny: number;
  /** `YYYY-MM-DD`. */
  declaredOn: string;
  /** In their order; milliseconds since 1970. */
  steps: { status: 'DECLARED' | 'INSPECTED' | 'RELEASED'; atMs: number }[];
}

/** What lenders reported to the credit registry of an enterprise. */
export interface CreditRecord {
  uscc: string;
  loans: {
    loanNo: string;
    lender: string;
    purpose: 'WORKING_CAPITAL' | 'INVESTMENT' | 'PROPERTY';
    /** `YYYY-MM-DD`. */
    grantedOn: string;
    dueOn: string;
    principalCny: number;
    /** What is still to be paid back. */
    outstandingCny: number;
    state: 'PERFORMING' | 'OVERDUE' | 'REPAID';
  }[];
  flags: { flagNo: string; kind: 'OVERDUE_90_DAYS' | 'GUARANTEE_CALLED'; raisedOn: string }[];
}

/** What is really so, known because the city is made up: tests score linking and detection against it. */
export interface CityTruth {
  /** Which enterprise each system's key stands for; keys of nobody are absent. */
  links: { system: 'TAX' | 'SOCIAL_SECURITY' | 'POWER' | 'COURTS'; localKey: string; uscc: string }[];
  /** Credit codes of planted shell companies. */
  shells: string[];
  /** Credit codes that look like shells and are not, with the innocent reason. */
  lookAlikes: { uscc: string; reason: 'HOLDING' | 'NEW' | 'SEASONAL' | 'LANDLORD_METER' | 'PARENT_PAYROLL' }[];
}
