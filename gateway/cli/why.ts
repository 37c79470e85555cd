import { readFile } from 'node:fs/promises';
import { Authoriser } from '../authorise/authoriser.ts';
import { RuleError, type RuleSet } from '../authorise/rule-set.ts';
import type { Caller } from '../caller.ts';
import { ConfigError, resolveConfig, type Config } from '../config/config.ts';
import type { Refusal } from '../errors.ts';
import { withStatedPurpose } from '../identity/purpose.ts';
import { prepareOperation } from '../operation/prepare.ts';
import { statedTexts } from '../operation/purpose.ts';
import { decideFields } from '../policy/decide-fields.ts';
import { explainDecisions } from '../policy/explain-decision.ts';
import { parseRules, readRuleTexts } from '../rule-files.ts';
import { loadSupergraph, SupergraphError, type ServedSupergraph } from '../supergraph/load.ts';
import { readCaller, type PurposeOptions } from './asking-as.ts';
import { readParameters } from './explain.ts';
import { loadConfigFile } from './settings-file.ts';
import type { Terminal } from './terminal.ts';
import { describeWhy, type WhyReport } from './why-text.ts';

export interface WhyOptions extends PurposeOptions {
  as: string;
  supergraph?: string;
  rules?: string;
  operationName?: string;
  variables?: string;
  config?: string;
  json?: boolean;
}

/** `switchyard why`: exit code 0 where everything was decided, whatever came of it; 1 where it could not be. */
export function runWhy(file: string, options: WhyOptions, terminal: Terminal): Promise<void> {
  return withKnownErrors(terminal, async () => {
    const config = resolveConfig(await loadConfigFile(options.config), terminal.env);
    const sender = await readCaller(options.as, options);
    const parts = await readParts(options, config);
    const report = explain(await readFile(file, 'utf8'), sender, { ...parts, config, options });
    terminal.print(options.json ? JSON.stringify(report) : describeWhy(report));
    return 0;
  });
}

/** Runs a command that ends with an exit code; what a person can do something about is told in a line. */
export async function withKnownErrors(terminal: Terminal, run: () => Promise<number>): Promise<void> {
  try {
    terminal.exit(await run());
  } catch (error) {
    const isKnown = error instanceof ConfigError || error instanceof SupergraphError || error instanceof RuleError;
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!isKnown && !isMissing) throw error;
    terminal.printError((error as Error).message);
    terminal.exit(1);
  }
}

/** The supergraph and the rules that options name, else those of the settings. */
async function readParts(
  options: Pick<WhyOptions, 'supergraph' | 'rules'>,
  config: Config,
): Promise<{ supergraph: ServedSupergraph; rules: RuleSet | undefined }> {
  const folder = options.rules ?? config.authorisation.rules;
  return {
    supergraph: loadSupergraph(await readFile(options.supergraph ?? config.supergraph, 'utf8')),
    rules: folder === undefined ? undefined : parseRules(await readRuleTexts(folder)),
  };
}

interface WhyContext {
  supergraph: ServedSupergraph;
  rules: RuleSet | undefined;
  config: Config;
  options: WhyOptions;
}

function explain(query: string, sender: Caller, { supergraph, rules, config, options }: WhyContext): WhyReport {
  const { access, apiSchema: schema } = supergraph;
  const { limits, authorisation } = config;
  const parameters = readParameters(query, options);
  const prepared = orThrow(prepareOperation(parameters, supergraph, { limits, introspection: true }));
  const variables =
    options.variables === undefined ? undefined : orThrow(prepared.coerceVariables(parameters.variables ?? {})).values;
  const caller = orThrow(withStatedPurpose(sender, statedTexts(prepared.purpose ?? [], variables ?? {})));
  const authority = new Authoriser({ access, mode: rules ? 'enforce' : 'off', rules }).authorityOf(caller);
  const decided = decideFields(prepared, { schema, authority }, variables);
  return {
    operation: prepared.name,
    caller,
    rules: rules?.hash,
    mode: rules ? authorisation.mode : 'off',
    fields: explainDecisions(decided, caller, rules),
  };
}

function orThrow<Good extends object>(given: Good | Refusal): Good {
  if ('httpStatus' in given) throw new ConfigError(given.errors.map(({ message }) => message).join('\n'));
  return given;
}
