import { hash } from 'node:crypto';
import type { GraphQLSchema } from 'graphql';
import type { FetchTemplate, SubgraphAnswer, SubgraphRequest } from '../execute/fetcher.ts';
import type { CacheHints } from '../supergraph/cache-hints.ts';
import type { CacheTags } from '../supergraph/cache-tags.ts';
import type { EntityKeys } from '../supergraph/subject-types.ts';
import { readHintedPolicy, type HintedPolicy } from './hinted-policy.ts';
import { cacheControlOf, lifetimeOf, type Lifetime, type LifetimeSettings } from './lifetime.ts';
import { marksOfEntity, marksOfTemplate, type Mark } from './marks.ts';
import { EVERYBODY, ownerOf, type Owner } from './owner.ts';
import { entityTags, rootTags } from './tags.ts';

/** What rules depend on. */
export interface RuleSource {
  hints: CacheHints;
  tags: CacheTags;
  entityKeys: EntityKeys;
  schema: GraphQLSchema;
  /** Digest of each subgraph's part of the supergraph: what is remembered is bound to it. */
  subgraphHashes: ReadonlyMap<string, string>;
  /** Whether a subgraph is told who asks. */
  isTold(service: string): boolean;
}

/** From when on waiting for another gateway's answer costs less than asking for it twice: a claim takes a way to Redis and back. */
const EXPENSIVE_FROM_MS = 20;
/** How much of what a fetch usually takes the last one makes. */
const NEWEST_SHARE = 0.2;
const MIN_LEASE_MS = 200;
const MAX_LEASE_MS = 3_000;

/** What is remembered of one fetch, by what names, and for how long. */
export class TemplateRules {
  /** Whether any answer may be remembered at all. */
  readonly mayRemember: boolean;
  /** What every answer can be invalidated by. */
  readonly #marks: readonly Mark[];
  readonly #source: RuleSource;
  readonly #policy: HintedPolicy;
  readonly #isTold: boolean;
  readonly #fetch: string;
  /** The group that was asked for last, and what it was for: mostly the same again. */
  #lastGroup: { of: string; group: string } | undefined;
  /** Whether a header has allowed what no hint does: before that, nothing can be there. */
  #isAllowedByHeader = false;
  #isPrivateByHeader = false;
  #isPublicByHeader = false;
  /** What fetching takes as a rule; taken for expensive until it is known. */
  #usualMs = EXPENSIVE_FROM_MS;

  constructor(template: FetchTemplate, source: RuleSource) {
    const { hints, schema, subgraphHashes, entityKeys, isTold } = source;
    this.#source = source;
    this.#policy = readHintedPolicy(template, hints, schema);
    this.mayRemember = template.operationKind === 'query' && this.#policy.maxAgeSeconds !== 0;
    this.#isTold = isTold(template.service);
    const { marks, keys } = this.mayRemember ? marksOfTemplate(template, schema, entityKeys) : { marks: [], keys: [] };
    this.#marks = marks;
    const version = subgraphHashes.get(template.service) ?? '';
    // Another department may give a type another key, by which its answers can then be invalidated.
    this.#fetch = hash('sha256', `${version}\0${JSON.stringify(keys)}\0${withoutName(template)}`, 'base64url');
  }

  /** Whether there may be something: where no hint allows it, a header must have done so. */
  get isLookedUp(): boolean {
    return this.#policy.maxAgeSeconds !== undefined || this.#isAllowedByHeader;
  }

  /** Whether it is worth while to find out if another gateway is just asking for the same. */
  get isExpensive(): boolean {
    return this.#usualMs >= EXPENSIVE_FROM_MS;
  }

  /** How long others wait for one that asks. */
  get leaseMs(): number {
    return Math.min(Math.max(3 * this.#usualMs, MIN_LEASE_MS), MAX_LEASE_MS);
  }

  /** Says how long a fetch took. */
  took(ms: number): void {
    this.#usualMs += NEWEST_SHARE * (ms - this.#usualMs);
  }

  /** Whose the answer of a request is; undefined where it is not remembered. */
  ownerOf(request: SubgraphRequest): Owner | undefined {
    const said = this.#policy.scope ?? (this.#isPublicByHeader ? 'PUBLIC' : undefined);
    return ownerOf({ scope: this.#isPrivateByHeader ? 'PRIVATE' : said, isTold: this.#isTold }, request);
  }

  /** What all answers have in common that a request asks for, in the name of one owner. */
  groupOf({ template, variablesText }: SubgraphRequest, owner: Owner): string {
    const of = `${owner}\0${variablesText}`;
    if (this.#lastGroup?.of === of) return this.#lastGroup.group;
    const group = `${template.service}:{${hash('sha256', `${this.#fetch}\0${of}`, 'base64url')}}`;
    this.#lastGroup = { of, group };
    return group;
  }

  /** All that a part of an answer can be invalidated by. */
  marksOf(request: SubgraphRequest, index: number): Mark[] {
    return [...this.#marks, ...this.#ownMarksOf(request, index)];
  }

  #ownMarksOf({ template, variablesText, representations }: SubgraphRequest, index: number): Mark[] {
    const { tags, entityKeys, schema } = this.#source;
    const { service } = template;
    const formats = tags.get(service);
    if (!template.isEntityFetch) return rootTags(template, formats, schema.getQueryType(), variablesText);
    const entity = JSON.parse(representations[index]!) as Record<string, unknown>;
    return [...marksOfEntity(service, entity, entityKeys), ...entityTags(service, formats, entity)];
  }

  /**
   * How long an answer may be given out; undefined for not at all. What its header says of this fetch holds for the next ones: one that
   * is private makes all private, and is not remembered itself where it was asked for in everybody's name.
   */
  judge(answer: SubgraphAnswer, owner: Owner, settings: LifetimeSettings): Lifetime | undefined {
    const header = cacheControlOf(answer);
    if (header?.scope === 'PRIVATE') this.#isPrivateByHeader = true;
    if (header?.scope === 'PUBLIC') this.#isPublicByHeader = true;
    const isShared = owner === EVERYBODY;
    const lifetime = lifetimeOf(this.#policy, { header, age: answer.age, isShared }, settings);
    if (lifetime) this.#isAllowedByHeader = true;
    return isShared && this.#isPrivateByHeader ? undefined : lifetime;
  }
}

/** From which length on an entity's representation is named by its digest. */
const LONG_NAME_FROM = 256;

/** What tells the answers apart that a request asks for: its entities. Root fields are one answer, of one name. */
export function namesOf({ template, representations }: SubgraphRequest): readonly string[] {
  if (!template.isEntityFetch) return ROOT_NAMES;
  return representations.some(({ length }) => length >= LONG_NAME_FROM) ? representations.map(nameOf) : representations;
}

const ROOT_NAMES = [''];

function nameOf(representation: string): string {
  return representation.length < LONG_NAME_FROM ? representation : hash('sha256', representation, 'base64url');
}

/** Operation names are for the subgraph's own telemetry; the same question has the same answer under any name. */
function withoutName({ query, operationName }: FetchTemplate): string {
  return operationName ? query.replace(operationName, '') : query;
}
