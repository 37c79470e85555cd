import path from 'node:path';

/** A file as a person finds it: from here where it is below, else from the root. */
export function nearPath(file: string): string {
  const near = path.relative(process.cwd(), file);
  return near.startsWith('..') ? path.resolve(file) : near;
}
