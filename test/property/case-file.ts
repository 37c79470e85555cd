import { prettyFormatQueryPlan } from '@apollo/query-planner';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openFederation, type Operation, type Subgraphs } from './federation.ts';
import { checkOperation, type FoundDifference } from './oracle.ts';
import { hash } from './random.ts';
import type { TruthSettings } from './truth.ts';

/** A difference that was found once: replayed for ever, so that it does not come back. */
export interface OracleCase {
  /** What was wrong when it was found. */
  about: string;
  settings: TruthSettings;
  subgraphs: Record<string, string[]>;
  query: string[];
  variables: Readonly<Record<string, unknown>>;
  callerSeed?: number;
}

const CASES_FOLDER = path.join(import.meta.dirname, 'cases');

/** Keeps a difference as a case. @returns the file it is in */
export async function writeCase(found: FoundDifference, folder = CASES_FOLDER): Promise<string> {
  const kept: OracleCase = {
    about: found.differences.map(({ kind, text }) => `${kind}: ${text.split('\n')[0]}`).join('; '),
    settings: found.settings,
    subgraphs: Object.fromEntries(Object.entries(found.subgraphs).map(([name, sdl]) => [name, sdl.trim().split('\n')])),
    query: found.operation.query.split('\n'),
    variables: found.operation.variables,
    ...(found.operation.callerSeed === undefined ? {} : { callerSeed: found.operation.callerSeed }),
  };
  await mkdir(folder, { recursive: true });
  const kind = found.differences[0]!.kind.replaceAll(' ', '-');
  const file = path.join(folder, `${kind}-${hash(JSON.stringify(kept)).toString(16).padStart(8, '0')}.json`);
  await writeFile(file, `${JSON.stringify(kept, undefined, 2)}\n`);
  return file;
}

export async function caseFiles(folder = CASES_FOLDER): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
}

/** Reads a case. Its differences are those of today: none, unless it has come back. */
export async function replayCase(name: string, folder = CASES_FOLDER): Promise<FoundDifference> {
  const kept = JSON.parse(await readFile(path.join(folder, name), 'utf8')) as OracleCase;
  const subgraphs: Subgraphs = Object.fromEntries(
    Object.entries(kept.subgraphs).map(([subgraph, lines]) => [subgraph, lines.join('\n')]),
  );
  const { variables, callerSeed } = kept;
  const operation: Operation = {
    query: kept.query.join('\n'),
    variables,
    ...(callerSeed === undefined ? {} : { callerSeed }),
  };
  const federation = openFederation(subgraphs, kept.settings);
  try {
    const { differences, way } = await checkOperation(federation, operation);
    return { subgraphs, settings: kept.settings, operation, differences, way };
  } finally {
    await federation.close();
  }
}

/** All there is to know about a difference, to be read by people. */
export async function describeDifference(found: FoundDifference): Promise<string> {
  const federation = openFederation(found.subgraphs, found.settings);
  try {
    const { expected, found: answer, way, differences } = await checkOperation(federation, found.operation);
    const plan = await federation.latestPlan().then(prettyFormatQueryPlan, (error: unknown) => String(error));
    const json = (value: unknown): string => JSON.stringify(value);
    const possible = [...expected.possible.values()].map(({ path: place, message }) => ({ path: place, message }));
    return [
      ...Object.entries(found.subgraphs).map(([name, sdl]) => `── subgraph ${name}\n${sdl.trim()}`),
      `── data ${json(found.settings)}`,
      `── operation\n${found.operation.query}`,
      `── variables ${json(found.operation.variables)}`,
      `── plan\n${plan}`,
      ...federation.exchanges.map(
        ({ service, query, variables, answer: told }) =>
          `── asked ${service}\n${query.replaceAll(/\s+/g, ' ')}\n${json(variables)}\n${json(told)}`,
      ),
      `── expected\n${json({ data: expected.data, errors: possible })}`,
      `── found (${way} way)\n${json(answer)}`,
      ...differences.map(({ kind, text }) => `── ${kind}: ${text}`),
    ].join('\n');
  } finally {
    await federation.close();
  }
}
