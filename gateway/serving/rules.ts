import { Authoriser } from '../authorise/authoriser.ts';
import type { RuleSet } from '../authorise/rule-set.ts';
import type { Config } from '../config.ts';
import type { Log } from '../observe/log.ts';
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

/** Reads the departments' rules, and reads them again from then on. @param complete adds what the files lack @throws RuleError where they cannot be taken at first */
export async function openHeldRules(
  { rules: folder, mode, readEveryMs }: Config['authorisation'],
  log: Log,
  complete?: CompleteRules,
): Promise<HeldRules> {
  if (folder === undefined)
    return { current: undefined, state: () => 'none', reload: () => Promise.resolve(), close: () => undefined };
  const watch = await openRules(folder, {
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
