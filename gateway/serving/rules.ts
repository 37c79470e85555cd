import { Authoriser } from '../authorise/authoriser.ts';
import type { RuleSet } from '../authorise/rule-set.ts';
import { ConfigError, type Config } from '../config/config.ts';
import type { Log } from '../observe/log.ts';
import type { PublishedRules } from '../registry/version.ts';
import { toRuleText } from '../registry-rules.ts';
import { readRuleTexts } from '../rule-files.ts';
import { openRules, type CompleteRules, type RuleState } from '../rule-watch.ts';
import type { AccessConditions } from '../supergraph/access-conditions.ts';

/** The departments' rules, as of now. */
export interface HeldRules {
  /** Absent where there are none: then what stands in the schema is enforced alone. */
  readonly current: RuleSet | undefined;
  /** What is told of them. */
  state(): (RuleState & { mode: string }) | 'none';
  /** Reads them now; resolves once they are taken or refused. Never rejects. */
  reload(): Promise<void>;
  close(): void;
}

/** Where rules come from beside the settings' folder. */
export interface RuleOrigins {
  /** Adds to the departments' rules what their files lack. Default: nothing */
  complete?: CompleteRules | undefined;
  /** Gives those that were published to the registry. Absent: the supergraph is no registry's */
  published?: (() => Promise<readonly PublishedRules[]>) | undefined;
}

/** What the settings call the rules that are published to the registry. */
const REGISTRY = 'registry';

/**
 * Reads the departments' rules, and reads them again from then on.
 * @throws RuleError where they cannot be taken at first; ConfigError where they are to be a registry's, and there is none
 */
export async function openHeldRules(
  { rules: from, mode, readEveryMs }: Config['authorisation'],
  log: Log,
  { complete, published }: RuleOrigins,
): Promise<HeldRules> {
  if (from === undefined)
    return { current: undefined, state: () => 'none', reload: () => Promise.resolve(), close: () => undefined };
  const isPublished = from === REGISTRY;
  if (isPublished && !published)
    throw new ConfigError(
      'authorisation.rules is "registry", and the supergraph is no registry\u2019s: reload.publicKeyFile is missing.',
    );
  const watch = await openRules({
    read: isPublished ? async () => (await published!()).map(toRuleText) : () => readRuleTexts(from),
    mayBeHalfWritten: !isPublished,
    readEveryMs,
    complete,
    onTaken: ({ hash }) => log.info({ rules: hash }, 'other rules hold from now on'),
    onRefused: (error) => log.error({ err: error }, 'the rules cannot be taken; those before hold on'),
  });
  return {
    get current() {
      return watch.current;
    },
    state: () => ({ mode, ...watch.state }),
    reload: () => watch.reload(),
    close: () => watch.close(),
  };
}

/** Gives who decides who may see what of a supergraph, by the rules of now: the same one for as long as they hold. */
export function authoriserBy(
  rules: Pick<HeldRules, 'current'>,
  access: AccessConditions,
  mode: Config['authorisation']['mode'],
): () => Authoriser {
  const decideBy = (current: RuleSet | undefined): Authoriser =>
    new Authoriser(current ? { access, mode, rules: current } : { access, mode: 'off' });
  let authoriser = decideBy(rules.current);
  return () => {
    const { current } = rules;
    if (authoriser.options.rules !== current) authoriser = decideBy(current);
    return authoriser;
  };
}
