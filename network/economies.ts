import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { readCatalogue, type CatalogueDepartment } from '../subgraphs/ministries/catalogue.ts';
import { fieldName, figuresField } from '../subgraphs/ministries/names.ts';
import { economiesClaims } from '../subgraphs/ministries/claims.ts';
import { CATALOGUE, CLAIMS, MINISTRIES_PORT, subgraphPath } from '../subgraphs/ministries/paths.ts';
import { economiesSdl } from '../subgraphs/ministries/sdl.ts';
import type { DataFolder } from './data-folder.ts';
import { projectRoot } from './settings.ts';

const FACTS_OPERATION = 'subgraphs/ministries/operations/place-facts.graphql';

/** What `supergraph.yaml` says of the departments that are always there. */
const supergraphFile = z.object({
  federation_version: z.string(),
  subgraphs: z.record(z.string(), z.object({ routing_url: z.string(), schema: z.object({ file: z.string() }) })),
});

/**
 * Writes what the gateway needs to know of the economies' departments, beside what it knows of the others: schemas and a
 * `supergraph.yaml`, a rule for each, and operations that ask for everything of a place and for what several departments assert of it. All of it follows from the
 * departments' files in `subgraphs/ministries/catalogue/`, so that one more department is one more file.
 *
 * @returns the `supergraph.yaml` of all departments
 */
export function writeEconomies({ economies }: Pick<DataFolder, 'economies'>): string {
  rmSync(economies, { recursive: true, force: true });
  mkdirSync(join(economies, 'rules'), { recursive: true });
  const departments = readCatalogue();
  const sdls = economiesSdl(departments).set(CLAIMS, economiesClaims(departments).sdl);
  for (const [name, sdl] of sdls) writeFileSync(join(economies, `${name}.graphql`), sdl);
  writeRules(join(economies, 'rules'), [...sdls.keys()]);
  writeFileSync(join(economies, 'everything.graphql'), everythingOf(departments));
  copyFileSync(join(projectRoot, FACTS_OPERATION), join(economies, 'place-facts.graphql'));
  const config = join(economies, 'supergraph.yaml');
  writeFileSync(config, supergraphYaml([...sdls.keys()], economies));
  return config;
}

/** What the gateway's settings take from the environment to go by the rules of all. */
export function economiesEnvironment({ economies }: Pick<DataFolder, 'economies'>): Record<string, string> {
  return { DEMO_RULES_FOLDER: join(economies, 'rules') };
}

/** Where each of the economies' subgraphs answers, given where their program does. */
export function economiesUrls(ministries: string): Record<string, string> {
  const names = [CATALOGUE, CLAIMS, ...readCatalogue().map(({ code }) => code)];
  return Object.fromEntries(names.map((name) => [name, new URL(subgraphPath(name), ministries).href]));
}

function supergraphYaml(names: readonly string[], folder: string): string {
  const base = supergraphFile.parse(parse(readFileSync(join(projectRoot, 'supergraph.yaml'), 'utf8')));
  const others = Object.entries(base.subgraphs).map(([name, { routing_url, schema }]) => [
    name,
    { routing_url, schema: { file: relative(folder, join(projectRoot, schema.file)) } },
  ]);
  const own = names.map((name) => [
    name,
    {
      routing_url: `http://127.0.0.1:${MINISTRIES_PORT}${subgraphPath(name)}`,
      schema: { file: `./${name}.graphql` },
    },
  ]);
  return stringify({ ...base, subgraphs: Object.fromEntries([...others, ...own]) as unknown });
}

function writeRules(folder: string, names: readonly string[]): void {
  // Links and no copies: a rule that is changed in the project holds at once, as it does without --all.
  for (const file of readdirSync(join(projectRoot, 'rules')))
    symlinkSync(join(projectRoot, 'rules', file), join(folder, file));
  for (const name of names) {
    const rule = { id: `${name}-open`, text: 'Figures of the economies are published.', outcome: 'ALLOW' };
    writeFileSync(
      join(folder, `${name}.yaml`),
      stringify({ department: name, rules: [{ ...rule, classes: 'unclassified' }] }),
    );
  }
}

/** An operation that asks all 37 departments of the economies for everything they know of a place. */
function everythingOf(departments: readonly CatalogueDepartment[]): string {
  const figures = departments.map(({ code, indicators }) => {
    const fields = indicators.map((indicator) => `${fieldName(indicator.code)} { ...V }`);
    return `${figuresField(code)} { ${fields.join(' ')} }`;
  });
  return `query Everything($iso: ID! = "FR") {
  place(iso: $iso) {
    name capital airportCount cityCount workingDays(year: 2026)
    ${figures.join('\n    ')}
  }
}
fragment V on Observation { value period }
`;
}
