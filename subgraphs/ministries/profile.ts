/** What a publisher says of one place: fields within fields, and under `text` what is said of each. */
export interface Profile {
  readonly text?: string | null;
  readonly [field: string]: Profile | string | null | undefined;
}

/** The field at a path; undefined where it is not there. */
export function fieldAt(profile: Profile, path: readonly string[]): Profile | undefined {
  let field: Profile | undefined = profile;
  for (const name of path) {
    const next: Profile | string | null | undefined = field?.[name];
    field = typeof next === 'object' && next !== null ? next : undefined;
  }
  return field;
}

/** The text of a field; undefined where there is none, or nothing in it. */
export function textAt(profile: Profile, path: readonly string[]): string | undefined {
  const text = fieldAt(profile, path)?.text;
  return typeof text === 'string' && text.trim() !== '' ? text : undefined;
}

/**
 * The texts of the parts of a field that stand behind one of them, in order. A field is what a category holds
 * (`Economy / Budget`), its parts are what it holds itself (`Economy / Budget / revenues`); behind the field's own text stand all.
 */
export function partsBehind(profile: Profile, path: readonly string[]): string[] {
  const field = fieldAt(profile, path.slice(0, 2)) ?? {};
  const parts = Object.keys(field);
  return parts
    .slice(parts.indexOf(path[2] ?? 'text') + 1)
    .map((part) => textAt(field, [part]))
    .filter((text) => text !== undefined);
}
