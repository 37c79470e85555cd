import type { Fetcher, OnBehalf } from '../execute/fetcher.ts';
import { answerInProcess, codedError, inProcessSchema } from '../in-process/answer-in-process.ts';
import { stateOf, type Grant } from './grant.ts';
import { GrantRefusal, type BreakGlassRequest, type GrantRequest, type Grants } from './grants.ts';
import { GRANTS_SDL } from './sdl.ts';

export interface GrantsDepartmentOptions {
  /** Absent: none are kept, and whoever asks for them is told so. */
  grants: Grants | undefined;
  /** Whether rules decide who may give and see grants; where they do not, nobody may. */
  isGuarded: boolean;
  /** Told of faults that clients are told of in general. */
  onFault(error: unknown): void;
}

/** Serves grants as a department of the graph, in the gateway's own process. */
export function serveGrants({ grants, isGuarded, onFault }: GrantsDepartmentOptions): Fetcher {
  const using =
    <Args>(use: (grants: Grants, args: Args, onBehalf: OnBehalf) => unknown) =>
    async (_: unknown, args: Args, onBehalf: OnBehalf): Promise<unknown> => {
      if (!grants || !isGuarded) throw codedError('GRANTS_OFF');
      try {
        return await use(grants, args, onBehalf);
      } catch (error) {
        throw error instanceof GrantRefusal ? codedError('GRANT_REFUSED', error.message) : error;
      }
    };
  const schema = inProcessSchema(GRANTS_SDL, {
    Query: { grants: () => ({}) },
    Mutation: {
      giveGrant: using<{ grant: GrantRequest }>((all, { grant }, { caller }) => all.give(withoutNull(grant), caller)),
      approveGrant: using<{ id: string }>((all, { id }, { caller }) => all.approve(id, caller)),
      revokeGrant: using<{ id: string }>((all, { id }, { caller }) => all.revoke(id, caller)),
      breakGlass: using<BreakGlassRequest>((all, request, { caller }) => all.breakGlass(request, caller)),
    },
    Grants: {
      mine: using((all, _, { caller }) => all.ofCaller(caller)),
      ofDepartment: using((all, _, { caller }) => {
        const { department } = caller.identity;
        return department === undefined ? [] : all.list(department);
      }),
      everything: using((all) => all.list()),
    },
    Grant: {
      kind: ({ kind }: Grant) => enumName(kind),
      state: (grant: Grant) => enumName(stateOf(grant, new Date().toISOString())),
    },
  });
  return answerInProcess(schema, onFault);
}

function enumName(text: string): string {
  return text.toUpperCase().replaceAll('-', '_');
}

/** A client may say that something is not given by leaving it out or by null. */
function withoutNull(request: GrantRequest): GrantRequest {
  const given = <Value extends object>(value: Value): Value =>
    Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null)) as Value;
  return { ...given(request), grantee: given(request.grantee) };
}
