import { randomUUID } from 'node:crypto';
import type { Caller, CallerGrant } from '../caller.ts';
import { GatewayFault } from '../errors.ts';
import { isFor, stateOf, type Grant, type Grantee } from './grant.ts';
import type { GrantStore } from './store.ts';

/** What somebody asks a department's grant to say. */
export interface GrantRequest {
  readonly classes: readonly string[];
  readonly grantee: Grantee;
  readonly purpose?: string | undefined;
  readonly caseNumber?: string | undefined;
  readonly subjects?: readonly string[] | undefined;
  readonly reason: string;
  readonly maxReads: number;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** What somebody says who takes what is not given. */
export interface BreakGlassRequest extends Pick<GrantRequest, 'classes' | 'subjects' | 'reason'> {
  readonly department: string;
}

/** What the departments' rules say of grants. */
export interface GrantRules {
  /** What a grant for a class has to be like; undefined where no rule takes one. */
  grantTerms(department: string, accessClass: string): { approvals: number; isAboutSubjects: boolean } | undefined;
  /** For how many minutes a caller may take what a class holds; undefined where no rule lets the caller. */
  breakGlassMinutes(department: string, accessClass: string, caller: Caller): number | undefined;
}

/** A grant that cannot be; the message says why, to who asked for it. */
export class GrantRefusal extends Error {
  override name = 'GrantRefusal';
}

/** The purpose that requests must name which rely on what was taken. */
const BREAK_GLASS = 'break-glass';
const BREAK_GLASS_READS = 100;
const MAX_READS = 1_000_000;
const MAX_LISTED = 1_000;

/** Gives grants, and says which a caller has. */
export class Grants {
  readonly #store: GrantStore;
  readonly #rules: () => GrantRules | undefined;
  readonly #nowMs: () => number;
  #live: readonly Grant[] = [];
  #timer: NodeJS.Timeout | undefined;
  #problem: unknown;

  /** @param rules of the moment; undefined where there are none */
  constructor(store: GrantStore, rules: () => GrantRules | undefined, nowMs: () => number = Date.now) {
    this.#store = store;
    this.#rules = rules;
    this.#nowMs = nowMs;
  }

  /** Reads what is in force, and from now on every so often: other gateways may change it. @throws the store's errors */
  async start(readEveryMs: number, onProblem: (problem: unknown) => void): Promise<void> {
    await this.refresh();
    const again = async (): Promise<void> => {
      const before = this.#problem;
      await this.refresh().then(
        () => (this.#problem = undefined),
        (problem: unknown) => (this.#problem = problem),
      );
      if ((before === undefined) !== (this.#problem === undefined)) onProblem(this.#problem);
      if (this.#timer) this.#timer = setTimeout(() => void again(), readEveryMs).unref();
    };
    this.#timer = setTimeout(() => void again(), readEveryMs).unref();
  }

  /** Reads what is in force now. */
  async refresh(): Promise<void> {
    this.#live = await this.#store.live(this.#now());
  }

  /** Where they are kept, and whether they can be read. */
  health(): { store: string; up: boolean } {
    return { store: this.#store.description, up: this.#problem === undefined };
  }

  /** The grants that a caller has for what the request says it is for. */
  matching(caller: Caller): readonly CallerGrant[] {
    if (this.#live.length === 0) return this.#live;
    const now = this.#now();
    return this.#live.filter((grant) => stateOf(grant, now) === 'active' && isFor(grant, caller));
  }

  /**
   * Counts a read of each; gives those that allowed none any more.
   * @throws GatewayFault GRANTS_UNAVAILABLE
   */
  async take(ids: readonly string[]): Promise<string[]> {
    const now = this.#now();
    const taken = await this.#ask((store) => Promise.all(ids.map((id) => store.take(id, now))));
    const gone = ids.filter((_, index) => !taken[index]);
    if (gone.length > 0) this.#live = this.#live.filter(({ id }) => !gone.includes(id));
    return gone;
  }

  /** @throws GrantRefusal; GatewayFault GRANTS_UNAVAILABLE */
  async give(request: GrantRequest, caller: Caller): Promise<Grant> {
    const [department, by] = actingFor(caller);
    const terms = request.classes.map((each) => this.#rules()?.grantTerms(department, each));
    const refusal = refusalOf(request, { department, terms, nowMs: this.#nowMs() });
    if (refusal !== undefined) throw new GrantRefusal(refusal);
    return this.#add({
      ...request,
      department,
      kind: 'given',
      subjects: request.subjects ?? [],
      expiresAt: new Date(request.expiresAt).toISOString(),
      approvalsNeeded: Math.max(...terms.map((each) => each!.approvals)),
      approvals: [{ by, at: this.#now() }],
    });
  }

  /** @throws GrantRefusal; GatewayFault GRANTS_UNAVAILABLE */
  async approve(id: string, caller: Caller): Promise<Grant> {
    const [grant, by] = await this.#own(id, caller);
    if (stateOf(grant, this.#now()) !== 'proposed') throw new GrantRefusal('The grant waits for no approval.');
    if (grant.approvals.some((each) => each.by === by)) throw new GrantRefusal('Another person has to approve it.');
    if (!(await this.#ask((store) => store.approve(grant, { by, at: this.#now() }))))
      throw new GrantRefusal('Somebody else approved it at the same moment; look again.');
    return this.#again(id);
  }

  /** @throws GrantRefusal; GatewayFault GRANTS_UNAVAILABLE */
  async revoke(id: string, caller: Caller): Promise<Grant> {
    await this.#own(id, caller);
    await this.#ask((store) => store.revoke(id));
    return this.#again(id);
  }

  /** @throws GrantRefusal; GatewayFault GRANTS_UNAVAILABLE */
  async breakGlass({ department, ...request }: BreakGlassRequest, caller: Caller): Promise<Grant> {
    const { subject } = caller.identity;
    if (subject === undefined) throw new GrantRefusal('Only somebody who has proven who they are may do that.');
    const minutes = request.classes.map((each) => this.#rules()?.breakGlassMinutes(department, each, caller));
    if (minutes.length === 0 || minutes.includes(undefined))
      throw new GrantRefusal(`No rule of ${department} lets you take ${request.classes.join(', ') || 'nothing'}.`);
    const expiresAt = this.#nowMs() + Math.min(...(minutes as number[])) * 60_000;
    return this.#add({
      ...request,
      department,
      kind: 'break-glass',
      grantee: { subject },
      purpose: BREAK_GLASS,
      subjects: request.subjects ?? [],
      maxReads: BREAK_GLASS_READS,
      expiresAt: new Date(expiresAt).toISOString(),
      approvalsNeeded: 1,
      approvals: [{ by: subject, at: this.#now() }],
    });
  }

  /** Those that a caller has or will have, whatever the request is for. */
  ofCaller(caller: Caller): readonly Grant[] {
    return this.#live.filter((grant) => {
      const { purpose, caseNumber } = grant;
      return isFor(grant, { ...caller, purpose: { ...caller.purpose, purpose, caseNumber } });
    });
  }

  /** The newest first. @param department default: of all. @throws GatewayFault GRANTS_UNAVAILABLE */
  list(department?: string): Promise<Grant[]> {
    return this.#ask((store) => store.list(MAX_LISTED, department));
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#store.close();
  }

  async #add(grant: Omit<Grant, 'id' | 'reads' | 'isRevoked'>): Promise<Grant> {
    const added: Grant = { ...grant, id: randomUUID(), reads: 0, isRevoked: false };
    await this.#ask((store) => store.add(added));
    return this.#again(added.id);
  }

  async #again(id: string): Promise<Grant> {
    const [grant] = await this.#ask((store) => Promise.all([store.find(id), this.refresh()]));
    return grant!;
  }

  async #own(id: string, caller: Caller): Promise<[grant: Grant, by: string]> {
    const [department, by] = actingFor(caller);
    const grant = await this.#ask((store) => store.find(id));
    // Others' are not told of.
    if (grant?.department !== department) throw new GrantRefusal('Your department gave no such grant.');
    return [grant, by];
  }

  async #ask<Value>(ask: (store: GrantStore) => Promise<Value>): Promise<Value> {
    try {
      return await ask(this.#store);
    } catch (error) {
      throw new GatewayFault('GRANTS_UNAVAILABLE', `${this.#store.description}: ${String(error)}`, { cause: error });
    }
  }

  #now(): string {
    return new Date(this.#nowMs()).toISOString();
  }
}

interface GrantTermsOf {
  department: string;
  /** For each of the classes. */
  terms: readonly ReturnType<GrantRules['grantTerms']>[];
  nowMs: number;
}

/** Why there can be no such grant; undefined where there can. */
function refusalOf(
  { classes, grantee, purpose, caseNumber, subjects = [], maxReads, expiresAt }: GrantRequest,
  { department, terms, nowMs }: GrantTermsOf,
): string | undefined {
  if (terms.length === 0 || terms.includes(undefined))
    return `No rule of ${department} takes a grant for ${classes.join(', ') || 'nothing'}.`;
  if (grantee.subject === undefined && grantee.organisation === undefined && grantee.role === undefined)
    return 'A grant is for somebody: name a subject, an organisation or a role.';
  if (purpose === undefined && caseNumber === undefined)
    return 'A grant is for something: name a purpose or a case number.';
  if (terms.some((each) => each!.isAboutSubjects !== subjects.length > 0))
    return subjects.length > 0
      ? `No rule of ${department} asks whom the grant is about, so it would be about everybody: leave subjects out.`
      : `The rule of ${department} asks whom the grant is about: name the subjects.`;
  if (maxReads < 1 || maxReads > MAX_READS) return `A grant is for 1 to ${MAX_READS} reads.`;
  if (!(new Date(expiresAt).getTime() > nowMs)) return 'A grant ends at a time to come, in ISO 8601.';
  return undefined;
}

function actingFor({ identity: { department, subject } }: Caller): [department: string, subject: string] {
  if (department === undefined || subject === undefined)
    throw new GrantRefusal('Only who acts for a department gives its grants.');
  return [department, subject];
}
