import type { KeptContract } from '../supergraph/kept-contracts.ts';
import { ask, withKnownErrors, type RegistryOptions } from './registry.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

/** `switchyard registry contracts list`. */
export function runListContracts(options: RegistryOptions, terminal: Terminal): Promise<void> {
  return withKnownErrors(terminal, async () => {
    const contracts = (await ask({ path: 'contracts' }, options, terminal)) as KeptContract[];
    terminal.print(options.json ? JSON.stringify(contracts) : describe(contracts));
    return 0;
  });
}

/** `switchyard registry contracts show`. */
export function runShowContract(name: string, options: RegistryOptions, terminal: Terminal): Promise<void> {
  return withKnownErrors(terminal, async () => {
    const path = `contracts/${encodeURIComponent(name)}`;
    const shown = (await ask({ path }, options, terminal)) as KeptContract & { schema: string };
    terminal.print(options.json ? JSON.stringify(shown) : shown.schema);
    return 0;
  });
}

function describe(contracts: readonly KeptContract[]): string {
  if (contracts.length === 0) return 'There are no contracts.';
  const rows = contracts.map(({ name, include, exclude }) => [
    name,
    include.join(' ') || 'everything',
    exclude.join(' '),
  ]);
  return table([['contract', 'shows', 'but not'], ...rows], new Set()).join('\n');
}
