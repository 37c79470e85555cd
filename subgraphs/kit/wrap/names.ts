import anyAscii from 'any-ascii';
import { pluralize, singularize } from 'inflection';

/** Longer names are cut: they are read by people. */
const MAX_NAME_LENGTH = 60;

/** A type's name for a collection's: singular, `WaterWell` of `water_wells`. */
export function typeName(name: string): string {
  const words = wordsOf(name);
  const last = words.length - 1;
  const singular = words.map((word, at) => (at === last ? singularOf(word) : word));
  return nameOf(singular.map(capitalised).join(''), 'Type');
}

/** A field's name for a column's: `depthM` of `DEPTH_M`, `Depth m` or `depthM`. */
export function fieldName(name: string): string {
  const [first = '', ...others] = wordsOf(name);
  return nameOf([first.toLowerCase(), ...others.map(capitalised)].join(''), 'column');
}

/** A value of an enum: `UNDER_REPAIR` of `under repair`. */
export function enumValue(text: string): string {
  return nameOf(
    wordsOf(text)
      .map((word) => word.toUpperCase())
      .join('_'),
    'VALUE',
  );
}

/** Root fields for a type: one record, and a list; never the same name. */
export function rootFields(type: string): { one: string; many: string } {
  const one = type.charAt(0).toLowerCase() + type.slice(1);
  const [, head = '', last = one] = /^(.*?)([A-Z]?[a-z0-9]+|[A-Z])$/.exec(one) ?? [];
  const many = head + pluralize(last);
  return { one, many: many === one ? `${one}List` : many };
}

/** A department's name for a file's, a folder's or a database's: `water-wells`. */
export function departmentName(name: string): string {
  const words = wordsOf(name).map((word) => word.toLowerCase());
  const joined = words.join('-').slice(0, MAX_NAME_LENGTH);
  return /^[a-z]/.test(joined) ? joined : `department-${joined || 'new'}`;
}

/** Gives each name once: a second one gets a number. @param taken names that are not to be given, and those that were */
export function unusedName(name: string, taken: Set<string>): string {
  let unused = name;
  for (let at = 2; taken.has(unused); at += 1) unused = `${name}${at}`;
  taken.add(unused);
  return unused;
}

/** Words in ASCII, as they stand in `snake_case`, `camelCase`, `Title Case` and `UPPER CASE`. */
export function wordsOf(name: string): string[] {
  const ascii = anyAscii(name.normalize('NFC').replaceAll(/(\p{Script=Han})(?=\p{Script=Han})/gu, '$1 '));
  return ascii
    .replaceAll(/['’`]/g, '')
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z\d]+/)
    .filter((word) => word !== '');
}

function capitalised(word: string): string {
  const rest = word.slice(1);
  return word.charAt(0).toUpperCase() + (word === word.toUpperCase() ? rest.toLowerCase() : rest);
}

/** Of short words, and those that end in two letters of s, hardly any means several: `gas`, `address`. */
function singularOf(word: string): string {
  return word.length <= 3 || /ss$/i.test(word) ? word : singularize(word);
}

/** What GraphQL takes for a name; names that begin with two underscores are its own. */
function nameOf(text: string, fallback: string): string {
  const cut = text.slice(0, MAX_NAME_LENGTH);
  if (cut === '') return fallback;
  return /^[A-Za-z]/.test(cut) ? cut : fallback + cut;
}
