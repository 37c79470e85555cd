import { openTrail, type Trail } from '../audit/trail.ts';
import type { RuleSet } from '../authorise/rule-set.ts';
import { openCache, type Cache } from '../cache/open-cache.ts';
import { openSharedTexts } from '../cache/open-shared-texts.ts';
import type { SharedTexts } from '../cache/shared-texts.ts';
import type { Config } from '../config/config.ts';
import { openDispatching, type Dispatching } from '../dispatch/open-dispatching.ts';
import { Departments } from '../fetch/departments.ts';
import { readSigningKey } from '../fetch/signing-key.ts';
import type { Grants } from '../grants/grants.ts';
import { openGrants } from '../grants/open-grants.ts';
import { openIdentification, type Identification } from '../identity/identify.ts';
import type { Log } from '../observe/log.ts';
import { dispatchEntry } from './dispatch-entry.ts';
import { openObserving, type Observing } from './observing.ts';
import { openHeldRules, type HeldRules, type RuleOrigins } from './rules.ts';

/** What a gateway has whichever supergraph it serves. */
export interface LastingParts {
  rules: HeldRules;
  identity: Identification;
  /** Where answers are remembered; absent where they are not. */
  cache: Cache | undefined;
  /** What it has in common with other gateways beside answers; absent where there is no Redis. */
  sharedTexts: SharedTexts | undefined;
  trail: Trail | undefined;
  grants: Grants | undefined;
  /** Absent where none are kept. */
  dispatching: Dispatching | undefined;
  observing: Observing;
  /** Those that are asked over HTTP. */
  departments: Departments;
  close(): Promise<void>;
}

/**
 * Opens what outlives every supergraph.
 *
 * @param origins where rules come from beside the settings' folder
 * @throws RuleError where the departments' rules cannot be taken; GatewayFault where the trail cannot be opened; ConfigError where a file of keys cannot be read; the system's error where the port for metrics is taken
 */
export async function openLastingParts(config: Config, log: Log, origins: RuleOrigins = {}): Promise<LastingParts> {
  await using opened = new AsyncDisposableStack();
  const rules = opened.adopt(await openHeldRules(config.authorisation, log, origins), (held) => held.close());
  const trail = opened.adopt(await openTrailOf(config, log), (each) => each?.close());
  const grants = opened.adopt(await openGrantsOf(config, () => rules.current, log), (each) => each?.close());
  const dispatching = opened.adopt(await openDispatchingOf(config, trail, log), (each) => each?.close());
  const identity = opened.adopt(await openIdentity(config, log), (each) => each.close());
  const cache = opened.adopt(await openCacheOf(config, log), (each) => each?.close());
  const sharedTexts = opened.adopt(await openSharedTextsOf(config, log), (each) => each?.close());
  const states = { cacheIsUp: cache && (() => cache.isUp()), trail: trail && (() => trail.health()), dispatching };
  const observing = opened.adopt(await openObserving(config, states, log), (each) => each.close());
  const departments = departmentsOf(config, log);
  const lasting = opened.move();
  return {
    rules,
    identity,
    cache,
    sharedTexts,
    trail,
    grants,
    dispatching,
    observing,
    departments,
    close: () => lasting.disposeAsync(),
  };
}

async function openCacheOf({ cache }: Config, log: Log): Promise<Cache | undefined> {
  if (!cache.enabled) return undefined;
  return openCache(cache, {
    onProblem(problem) {
      if (problem) log.warn({ err: problem }, 'Redis is away; next to nothing is remembered until it is back');
      else log.info('Redis is back');
    },
    onLost: (marks) =>
      log.error({ marks }, 'what departments invalidated while Redis was away was too much to be kept'),
  });
}

function openSharedTextsOf({ cache }: Config, log: Log): Promise<SharedTexts | undefined> {
  return openSharedTexts(cache, (problem) => {
    if (problem)
      log.warn({ err: problem }, 'Redis is away; query plans and persisted queries are not shared until it is back');
    else log.info('query plans and persisted queries are shared again');
  });
}

async function openTrailOf({ audit }: Config, log: Log): Promise<Trail | undefined> {
  if (audit.store === 'off') return undefined;
  return openTrail(audit, (problem) => {
    if (problem === undefined) log.info('the trail can be written again');
    else log.error({ problem }, 'the trail cannot be written; requests are refused until it can');
  });
}

async function openGrantsOf(
  { grants }: Config,
  rules: () => RuleSet | undefined,
  log: Log,
): Promise<Grants | undefined> {
  if (grants.store === 'off') return undefined;
  return openGrants(grants, rules, (problem) => {
    if (problem === undefined) log.info('grants can be read again');
    else log.error({ err: problem }, 'grants cannot be read; those known are gone by until they end');
  });
}

async function openDispatchingOf(
  { dispatch, signing }: Config,
  trail: Trail | undefined,
  log: Log,
): Promise<Dispatching | undefined> {
  if (dispatch.store === 'off') return undefined;
  return openDispatching(dispatch, {
    signingKey: signing && readSigningKey(signing),
    record: trail && ((record) => trail.write(dispatchEntry(record), [])),
    onProblem(problem) {
      if (problem === undefined) log.info('dispatches can be carried out again');
      else log.error({ err: problem }, 'dispatches cannot be carried out now; it is tried again');
    },
  });
}

function departmentsOf({ retryBudget }: Config, log: Log): Departments {
  return new Departments({
    retryBudget,
    onCircuit(subgraph, state) {
      if (state === 'open') log.warn({ subgraph }, 'a department does not answer and is left alone for a moment');
      else if (state === 'closed') log.info({ subgraph }, 'a department answers again');
    },
  });
}

function openIdentity({ identity }: Config, log: Log): Promise<Identification> {
  return openIdentification(identity, {
    onIssuer(issuer, problem) {
      if (problem === undefined) log.info({ issuer }, 'the keys of an issuer can be fetched again');
      else
        log.warn({ issuer, err: problem }, 'the keys of an issuer cannot be fetched; those known are used for a while');
    },
  });
}
