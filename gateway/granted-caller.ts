import type { Authoriser } from './authorise/authoriser.ts';
import type { Caller } from './caller.ts';
import type { GrantedReads } from './gateway-parts.ts';
import type { KnownOperation, KnownOperations } from './known-operations.ts';

/** What a request asks, by which it is found out what it relies on. */
export interface GrantedRequest {
  operations: KnownOperations;
  authoriser: Authoriser;
  known: KnownOperation;
  variables: Readonly<Record<string, unknown>>;
}

/** The caller with the grants that something of the request is given by, a read of each counted. @throws GatewayFault GRANTS_UNAVAILABLE */
export async function withGrants(
  caller: Caller,
  reads: GrantedReads,
  { operations, authoriser, known, variables }: GrantedRequest,
): Promise<Caller> {
  const taken = new Set<string>();
  for (let grants = reads.matching(caller); grants.length > 0;) {
    const relied = operations.grantsFor(known, variables, authoriser.authorityOf({ ...caller, grants }));
    const gone = await reads.take(relied.filter((id) => !taken.has(id)));
    if (gone.length === 0) {
      const used = grants.filter(({ id }) => relied.includes(id));
      return used.length > 0 ? { ...caller, grants: used } : caller;
    }
    for (const id of relied) taken.add(id);
    grants = grants.filter(({ id }) => !gone.includes(id));
  }
  return caller;
}
