import { z } from 'zod';

/** An object that has these keys and no others; a key that it does not know is refused with the nearest one that it knows. */
export function strictObject<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined;
      return issue.keys.map((key) => `there is no "${key}" here${suggestion(key, Object.keys(shape))}`).join('; ');
    },
  });
}

/** ` (did you mean "x"?)` where one of the names is near, else what the names are. */
export function suggestion(wrong: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const plain = flat(wrong);
  const ranked = names
    .map((name) => ({ name, edits: editDistance(plain, flat(name)) }))
    .toSorted((one, other) => one.edits - other.edits);
  const [nearest] = ranked;
  if (nearest && nearest.edits <= Math.floor(plain.length * 0.4) + 1) return ` (did you mean "${nearest.name}"?)`;
  const listed = names.slice(0, MAX_LISTED).join(', ');
  return ` (there is ${listed}${names.length > MAX_LISTED ? ', and more' : ''})`;
}

const MAX_LISTED = 20;

function flat(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** Levenshtein's distance, for names of some tens of characters. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let at = 1; at <= one.length; at += 1) {
    const next = [at];
    for (let to = 1; to <= other.length; to += 1) {
      const replaced = row[to - 1]! + (one[at - 1] === other[to - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[to]! + 1, next[to - 1]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
