import { matchesGlob } from 'node:path';
import { looseName } from '../sources/loose-name.ts';
import type { FileColumns } from './record-files.ts';

/** A file, and its columns. */
export interface LookedAtFile {
  name: string;
  columns: FileColumns;
}

/** Files that are one table. */
export interface FileGroup {
  /** The manifest's pattern for them. */
  from: string;
  files: readonly LookedAtFile[];
}

/** Files whose names differ in their numbers alone, and that have the same columns, are one table: a month each, say. */
export function groupsOf(files: readonly LookedAtFile[]): FileGroup[] {
  const groups = Map.groupBy(files, ({ name, columns }) =>
    JSON.stringify([name.replaceAll(/\d+/g, '*'), columns.names.map(looseName).toSorted()]),
  );
  return [...groups.values()].flatMap((group) => {
    const from = group.length === 1 ? globOf(group[0]!.name) : patternOf(group[0]!.name);
    const matchesOthers = files.some((file) => !group.includes(file) && matchesGlob(file.name, from));
    return matchesOthers ? group.map((file) => ({ from: globOf(file.name), files: [file] })) : [{ from, files: group }];
  });
}

/** `kwh-*.csv` of `kwh-2025-11.csv`. */
function patternOf(name: string): string {
  return globOf(name).replaceAll(/\d+(?:[-_. ]?\d+)*/g, '*');
}

/** A name as a pattern for itself. */
function globOf(name: string): string {
  return name.replaceAll(/[[\]{}()*?!+@|\\]/g, '?');
}

/** The columns of all files of a group, as the source finds them: by their letters and digits alone. */
export function columnsOfGroup({ files }: FileGroup): { names: string[]; leftOut: string[] } {
  const names: string[] = [];
  const leftOut = new Set<string>();
  for (const { columns } of files) {
    const seen = new Set<string>();
    for (const [at, name] of columns.names.entries()) {
      const loose = looseName(name);
      if (loose === '' || loose.startsWith('$')) leftOut.add(`column ${at + 1} has no name that it could be found by`);
      else if (seen.has(loose))
        leftOut.add(`column ${at + 1} is called "${name}", as one before it: only the first is read`);
      else if (!names.some((known) => looseName(known) === loose)) names.push(name);
      seen.add(loose);
    }
    for (const path of columns.nested.keys())
      leftOut.add(`${path} is a list of records in a record; types for it can be written by hand`);
  }
  return { names, leftOut: [...leftOut] };
}
