import { readFile } from 'node:fs/promises';
import { printSchema } from 'graphql';
import { contractApi } from '../supergraph/contract.ts';
import type { ContractRule } from '../supergraph/kept-contracts.ts';
import { SupergraphError } from '../supergraph/load.ts';
import { ConfigError } from '../config/config.ts';
import { readConfig } from './settings-file.ts';
import type { Terminal } from './terminal.ts';

export interface ContractOptions {
  supergraph?: string;
  config?: string;
  include: string[];
  exclude: string[];
}

/** `switchyard contract`: prints what clients see of a part of the graph; exit code 1 where that is no whole schema. */
export async function runContract(
  name: string | undefined,
  options: ContractOptions,
  terminal: Terminal,
): Promise<void> {
  try {
    const config = await readConfig(options.config === undefined ? {} : { config: options.config }, terminal.env);
    const rule = name === undefined ? options : ruleOf(config.contracts, name);
    const supergraph = await readSupergraph(options.supergraph ?? config.supergraph);
    terminal.print(printSchema(contractApi(supergraph, name ?? 'of these tags', rule)));
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof SupergraphError)) throw error;
    terminal.printError(error.message);
    terminal.exit(1);
  }
}

function ruleOf(contracts: 'registry' | Readonly<Record<string, ContractRule>>, name: string): ContractRule {
  if (contracts === 'registry')
    throw new ConfigError(`The registry has the contracts: switchyard registry contracts show ${name}`);
  const rule = contracts[name];
  if (rule) return rule;
  const known = Object.keys(contracts).join(', ') || 'none';
  throw new ConfigError(`The settings have no contract ${name}; they have: ${known}.`);
}

async function readSupergraph(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new ConfigError(`The supergraph ${file} cannot be read: ${(error as Error).message}`);
  });
}
