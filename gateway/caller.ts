/** Who asks: proven by a token, a key or a certificate, or nobody in particular. */
export interface Identity {
  /** `anonymous` where nothing was proven. */
  readonly kind: 'anonymous' | 'person' | 'system';
  /** How it was proven, for the trail: `none`, `jwt:<issuer>`, `api-key:<name>`, `mtls:<fingerprint>`. */
  readonly proof: string;
  /** The person or system, by the name that its issuer has for it. */
  readonly subject: string | undefined;
  readonly organisation: string | undefined;
  /** The department it acts for, by its code. */
  readonly department: string | undefined;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** What else rules may look at, such as `district` or `uscc`: texts, numbers, yes or no, or lists of these. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What a request says it is for; nothing of it is proven, all of it is recorded. */
export interface Purpose {
  readonly purpose: string | undefined;
  readonly legalBasis: string | undefined;
  readonly consentReference: string | undefined;
  readonly caseNumber: string | undefined;
  /** Names the whole of which this request is a part. */
  readonly queryGroupId: string | undefined;
}

/** What of a grant decides what a caller may see. */
export interface CallerGrant {
  readonly id: string;
  readonly kind: 'given' | 'break-glass';
  /** Whose data it is about: a subgraph's name. */
  readonly department: string;
  readonly classes: readonly string[];
  /** Whom it is about; empty: nobody in particular. */
  readonly subjects: readonly string[];
}

/** Who asks, and what for. */
export interface Caller {
  readonly identity: Identity;
  readonly purpose: Purpose;
  /** What departments granted for this purpose. Absent: nothing. */
  readonly grants?: readonly CallerGrant[];
}

/** Nobody in particular. */
export const ANONYMOUS: Identity = {
  kind: 'anonymous',
  proof: 'none',
  subject: undefined,
  organisation: undefined,
  department: undefined,
  roles: [],
  scopes: [],
  claims: {},
};

/** For nothing in particular. */
export const NO_PURPOSE: Purpose = {
  purpose: undefined,
  legalBasis: undefined,
  consentReference: undefined,
  caseNumber: undefined,
  queryGroupId: undefined,
};

/** Nobody in particular, for nothing in particular. */
export const NOBODY: Caller = { identity: ANONYMOUS, purpose: NO_PURPOSE };
