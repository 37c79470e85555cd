import { readFileSync } from 'node:fs';

/** The statements that make the department's tables and views, in their order; made again they change nothing. */
export const TABLES: readonly string[] = ['landing', 'kept', 'fused'].map(readStatements);

/** Statements with `;` behind each, of a file in tables/. */
export function readStatements(name: string): string {
  return readFileSync(new URL(`tables/${name}.sql`, import.meta.url), 'utf8');
}
