import type { Caller } from '../caller.ts';

/** How a grant came about: its department gave it, or who needed it took it and answers for that. */
export type GrantKind = 'given' | 'break-glass';

/** Whom a grant is for: all that is said must hold. */
export interface Grantee {
  /** The person or system, by the name that its issuer has for it. */
  readonly subject?: string | undefined;
  readonly organisation?: string | undefined;
  readonly role?: string | undefined;
}

/** Somebody who stands behind a grant. */
export interface Approval {
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** What a department lets somebody read for one purpose, for a while, and a number of times. */
export interface Grant {
  readonly id: string;
  readonly kind: GrantKind;
  /** Whose data they are: a subgraph's name. */
  readonly department: string;
  /** Access classes of the department. */
  readonly classes: readonly string[];
  readonly grantee: Grantee;
  /** What a request must say it is for. */
  readonly purpose?: string | undefined;
  readonly caseNumber?: string | undefined;
  /** Whom it is about, by whatever the department's rule compares with `grant.subjects`. Empty: nobody in particular. */
  readonly subjects: readonly string[];
  /** Why, for people. */
  readonly reason: string;
  /** Requests that may be answered by it. */
  readonly maxReads: number;
  readonly reads: number;
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
  /** Persons who have to stand behind it. */
  readonly approvalsNeeded: number;
  /** Who gave it, and who approved it. */
  readonly approvals: readonly Approval[];
  readonly isRevoked: boolean;
}

/** How a grant stands. */
export type GrantState = 'active' | 'proposed' | 'revoked' | 'expired' | 'used-up';

/** @param now ISO 8601, UTC */
export function stateOf(grant: Grant, now: string): GrantState {
  if (grant.isRevoked) return 'revoked';
  if (grant.expiresAt <= now) return 'expired';
  if (grant.reads >= grant.maxReads) return 'used-up';
  return grant.approvals.length >= grant.approvalsNeeded ? 'active' : 'proposed';
}

/** Whether a grant is for a caller, and for what the caller says the request is for. */
export function isFor({ grantee, purpose, caseNumber }: Grant, { identity, purpose: given }: Caller): boolean {
  const { subject, organisation, role } = grantee;
  return (
    (subject === undefined || subject === identity.subject) &&
    (organisation === undefined || organisation === identity.organisation) &&
    (role === undefined || identity.roles.includes(role)) &&
    (purpose === undefined || purpose === given.purpose) &&
    (caseNumber === undefined || caseNumber === given.caseNumber)
  );
}
