import { readFile } from 'node:fs/promises';
import { Kind, parse, type DocumentNode } from 'graphql';
import type { RuleSet } from '../authorise/rule-set.ts';
import { ConfigError, resolveConfig, type Config } from '../config/config.ts';
import { readSavedOperations } from '../http/graphiql/saved-operations.ts';
import { prepareOperation } from '../operation/prepare.ts';
import { compareRules, type NamedCaller, type NamedOperation } from '../policy/compare-rules.ts';
import { lintRules } from '../policy/lint-rules.ts';
import { makeUpCallers, type MadeUpCallers } from '../policy/made-up-callers.ts';
import { parseRules, readRuleTexts } from '../rule-files.ts';
import { loadSupergraph, type ServedSupergraph } from '../supergraph/load.ts';
import { readNamedCallers } from './asking-as.ts';
import { describePolicyCheck, type PolicyReport } from './policy-text.ts';
import { loadConfigFile } from './settings-file.ts';
import type { Terminal } from './terminal.ts';
import { withKnownErrors } from './why.ts';

export interface PolicyCheckOptions {
  rules: string;
  against?: string;
  operations?: string;
  identities?: string;
  supergraph?: string;
  config?: string;
  json?: boolean;
}

/** Ends a check that found that something changes; where it could not be made the code is 1. */
const SOMETHING_CHANGES = 2;

/** `switchyard policy check`: exit code 0 where nothing changes, 2 where something does, 1 where that could not be told. */
export function runPolicyCheck(options: PolicyCheckOptions, terminal: Terminal): Promise<void> {
  return withKnownErrors(terminal, async () => {
    const config = resolveConfig(await loadConfigFile(options.config), terminal.env);
    const report = await check(options, config);
    terminal.print(options.json ? JSON.stringify(report) : describePolicyCheck(report));
    return report.changes.length > 0 ? SOMETHING_CHANGES : 0;
  });
}

async function check(options: PolicyCheckOptions, config: Config): Promise<PolicyReport> {
  const supergraph = loadSupergraph(await readFile(options.supergraph ?? config.supergraph, 'utf8'));
  const after = parseRules(await readRuleTexts(options.rules));
  const against = options.against ?? config.authorisation.rules;
  const before = against === undefined ? after : parseRules(await readRuleTexts(against));
  const folder = options.operations ?? config.operations;
  const { operations, skipped } = await readOperations(folder, supergraph, config);
  const { callers, ...unlooked } = await callersOf(options.identities, [before, after]);
  const changes = compareRules({ before, after, operations, callers }, supergraph);
  return {
    rules: { folder: options.rules, hash: after.hash },
    against: against === undefined ? undefined : { folder: against, hash: before.hash },
    operations: { folder, names: operations.map(({ name }) => name), skipped },
    callers: { file: options.identities, names: callers.map(({ name }) => name), ...unlooked },
    changes,
    affected: {
      operations: unique(changes.map(({ operation }) => operation)),
      callers: unique(changes.map(({ caller }) => caller)),
      roles: rolesOf(callers, new Set(changes.map(({ caller }) => caller))),
    },
    findings: lintRules(after, supergraph),
  };
}

async function callersOf(file: string | undefined, sets: readonly RuleSet[]): Promise<MadeUpCallers> {
  return file === undefined ? makeUpCallers(sets) : { callers: await readNamedCallers(file), without: [], leftOut: 0 };
}

/** The operations of a folder's files, and those that cannot be asked of the supergraph, with the reason. */
async function readOperations(
  folder: string,
  supergraph: ServedSupergraph,
  { limits }: Config,
): Promise<{ operations: NamedOperation[]; skipped: PolicyReport['operations']['skipped'] }> {
  const files = await readSavedOperations(folder);
  if (files.length === 0) throw new ConfigError(`There are no operations (*.graphql) in ${folder}; see --operations.`);
  const operations: NamedOperation[] = [];
  const skipped: { name: string; reason: string }[] = [];
  for (const { name: file, text } of files)
    for (const operationName of operationNames(text)) {
      const name = operationName === undefined ? file : `${file} ${operationName}`;
      const prepared = prepareOperation({ query: text, operationName }, supergraph, { limits, introspection: true });
      if (prepared.ok) operations.push({ name, prepared });
      else skipped.push({ name, reason: prepared.errors[0]!.message });
    }
  return { operations, skipped };
}

/** Undefined for the one without a name, and for a text that is no operation, which preparing it tells. */
function operationNames(text: string): (string | undefined)[] {
  let document: DocumentNode;
  try {
    document = parse(text);
  } catch {
    return [undefined];
  }
  const names = document.definitions.flatMap((each) =>
    each.kind === Kind.OPERATION_DEFINITION ? [each.name?.value] : [],
  );
  return names.length > 0 ? names : [undefined];
}

function rolesOf(callers: readonly NamedCaller[], affected: ReadonlySet<string>): string[] {
  const who = callers.filter(({ name }) => affected.has(name));
  return unique(who.flatMap(({ caller }) => caller.identity.roles)).sort();
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
