import {
  getNullableType,
  isEnumType,
  isListType,
  isNonNullType,
  type GraphQLLeafType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import { coverLine, type Cover } from './covers.ts';
import type { ResultSites } from './positions.ts';
import { NotCompilable } from './not-compilable.ts';
import { expectText } from './text-code.ts';
import { isUniform, type Run, type Site, type SiteField } from './sites.ts';

/**
 * Writes the parser of a program: JavaScript that reads exactly the answer that is expected, with its keys in their order
 * and no spaces, and gives up (`throw F`) at anything else. Objects become objects; a leaf stays the text it is, checked
 * to be a value of its type. Only property names of our own and JSON literals get into the code.
 */
export class ParserCode {
  readonly functions: string[] = [];
  /** Sets of enum values that the code uses, by their name in it. */
  readonly enums = new Map<string, ReadonlySet<string>>();
  readonly #readers = new Map<string, string>();
  readonly #apiSchema: GraphQLSchema;
  readonly #covers: readonly Cover[];
  readonly #results: ResultSites;

  /**
   * @param apiSchema values of enums that clients may not see are not taken
   * @param covers what fetches take from objects inside of answers, by the sites of `results`
   */
  constructor(apiSchema: GraphQLSchema, covers: readonly Cover[], results: ResultSites) {
    this.#apiSchema = apiSchema;
    this.#covers = covers;
    this.#results = results;
  }

  /** Writes the function that reads an object of the site, the opening brace being next. */
  site(site: Site): void {
    if (isUniform(site)) this.#objectFunction(site, `p${site.id}`, uniformFields(site), onlyType(site));
    else this.#switchFunction(site);
  }

  /** Writes `e<id>(text, types)`: reads a whole answer of entities, each of the type of its representation. */
  entities(site: Site): void {
    // Of whom it is only the representation tells the type.
    const isOfOne = isUniform(site) && (site.keys.size === 0 || site.variants.size === 1);
    const item = isOfOne ? `p${site.id}()` : `p${site.id}t(types[a.length])`;
    if (isOfOne) this.#objectFunction(site, `p${site.id}`, uniformFields(site), undefined);
    else this.#byTypeFunction(site);
    this.functions.push(`function e${site.id}(text, types) {
  begin(text);
  ${expectText('{"data":{"_entities":[')}
  const a = [];
  if (s.charCodeAt(p) === 93) p++;
  else for (;;) {
    a.push(s.charCodeAt(p) === 110 ? (nul(), null) : ${item});
    const c = s.charCodeAt(p++);
    if (c === 93) break;
    if (c !== 44) throw F;
  }
  ${expectText('}')}
  end();
  if (a.length !== types.length) throw F;
  return a;
}`);
  }

  /** Writes `d<id>(text)`: reads a whole answer whose data is an object of the site. */
  data(site: Site): void {
    this.functions.push(`function d${site.id}(text) {
  begin(text);
  ${expectText('{"data":')}
  if (s.charCodeAt(p) !== 123) throw F;
  const o = p${site.id}();
  end();
  return o;
}`);
  }

  #switchFunction(site: Site): void {
    const cases = [...site.variants.keys()].map((typeName) => {
      const name = `p${site.id}_${typeIndex(site, typeName)}`;
      this.#restFunction(site, name, typeName);
      return `    case ${JSON.stringify(JSON.stringify(typeName))}: return ${name}(t);`;
    });
    const [typeField] = [...site.variants.values()][0]!;
    this.functions.push(`function p${site.id}() {
  ${expectText(`{${JSON.stringify(typeField!.key)}:`)}
  const b = p;
  str();
  const t = s.slice(b, p);
  switch (t) {
${cases.join('\n')}
  }
  throw F;
}`);
  }

  #byTypeFunction(site: Site): void {
    const cases = [...site.variants].map(([typeName, fields]) => {
      const name = `p${site.id}_${typeIndex(site, typeName)}`;
      this.#objectFunction(site, name, fields, typeName);
      return `    case ${JSON.stringify(JSON.stringify(typeName))}: return ${name}();`;
    });
    this.functions.push(`function p${site.id}t(type) {
  switch (type) {
${cases.join('\n')}
  }
  throw F;
}`);
  }

  /** Reads an object from its opening brace on. */
  #objectFunction(site: Site, name: string, fields: readonly SiteField[], typeName: string | undefined): void {
    const runs = fields.length === 0 ? [] : runsOf(site, typeName);
    const { leading, rest } = fields.length === 0 ? emptyObject() : this.#fields(fields, runs, '{', typeName);
    rest.push(...this.#coverLines(site), ...keyLines(site, fields, typeName));
    const { id } = site;
    const read = { none: readAlways, whole: readUnlessWholeIsKnown, first: readUnlessFirstIsKnown }[site.interning];
    const counters = site.interning === 'none' ? '' : `let tries${id} = 0, hits${id} = 0;\n`;
    this.functions.push(`${counters}function ${name}() {\n${read(id, leading.join('\n  '), rest.join('\n  '))}\n}`);
  }

  #coverLines(site: Site): string[] {
    const [fields] = site.variants.values();
    const member = (name: string): string => `o.${fields!.find(({ key }) => key === name)!.property}`;
    return this.#covers
      .filter(({ source, by }) => source === site && by === undefined)
      .map((cover) => coverLine(cover, this.#results, { taken: `new Taken(o, y${cover.id})`, member }));
  }

  /** Reads what follows the type's name, which came first. */
  #restFunction(site: Site, name: string, typeName: string): void {
    const [typeField, ...fields] = site.variants.get(typeName)!;
    const runs = runsOf(site, typeName).map((run) => ({ ...run, from: run.from - 1, to: run.to - 1 }));
    const { leading, rest } =
      fields.length === 0 ? { leading: [expectText('}')], rest: [] } : this.#fields(fields, runs, ',', undefined);
    this.functions.push(`function ${name}(t) {
  const o = new S${site.id}();
  ${typeField!.isRead ? `o.${typeField!.property} = t;` : ''}
  ${[...leading, ...rest, ...keyLines(site, fields, typeName)].join('\n  ')}
  return o;
}`);
  }

  /** Code that reads an object's fields into `o`: first up to its first leaf but the type's name, then the rest. */
  #fields(fields: readonly SiteField[], runs: readonly Run[], before: string, typeName: string | undefined): Reading {
    let literal = before;
    const reading: Reading = { leading: [], rest: [] };
    let lines = reading.leading;
    for (const [index, field] of fields.entries()) {
      const name = `${JSON.stringify(field.key)}:`;
      literal += name;
      if (!field.type && typeName !== undefined) {
        const value = JSON.stringify(typeName);
        literal += `${value},`;
        if (field.isRead) lines.push(`o.${field.property} = ${JSON.stringify(value)};`);
        continue;
      }
      lines.push(expectText(literal));
      for (const { from, property } of runs) if (from === index) lines.push(`const b${property} = p - ${name.length};`);
      lines.push(this.#value(field));
      for (const { to, property } of runs)
        if (to === index + 1) lines.push(`o.${property} = s.slice(b${property}, p);`);
      literal = ',';
      if (field.type) lines = reading.rest;
    }
    lines.push(expectText(`${literal.slice(0, -1)}}`));
    return reading;
  }

  #value({ type, child, property, isRead }: SiteField): string {
    if (child) return `o.${property} = ${this.#reader(type!, child)}();`;
    const check = type ? `${this.#reader(type, undefined)}();` : 'str();';
    return isRead ? `{ const b = p; ${check} o.${property} = s.slice(b, p); }` : check;
  }

  /** The name of the function that reads a value of a type; one that the type forbids ends the fast way. */
  #reader(type: GraphQLOutputType, child: Site | undefined): string {
    if (isNonNullType(type)) return this.#nonNullReader(type.ofType, child);
    const inner = this.#nonNullReader(type, child);
    return this.#named(`${inner}?`, (name) =>
      child
        ? `function ${name}() { return s.charCodeAt(p) === 110 ? (nul(), null) : ${inner}(); }`
        : `function ${name}() { if (s.charCodeAt(p) === 110) nul(); else ${inner}(); }`,
    );
  }

  #nonNullReader(type: GraphQLOutputType, child: Site | undefined): string {
    const nullable = getNullableType(type) as GraphQLOutputType;
    if (isListType(nullable)) return this.#listReader(this.#reader(nullable.ofType as GraphQLOutputType, child), child);
    if (child) return `p${child.id}`;
    return this.#leafReader(nullable as GraphQLLeafType);
  }

  #listReader(item: string, child: Site | undefined): string {
    if (!child) return this.#named(`[${item}]`, (name) => leafList(name, item));
    return this.#named(
      `[${item}]`,
      (name) => `function ${name}() {
  if (s.charCodeAt(p++) !== 91) throw F;
  const a = [];
  if (s.charCodeAt(p) === 93) { p++; return a; }
  for (;;) {
    a.push(${item}());
    const c = s.charCodeAt(p++);
    if (c === 93) return a;
    if (c !== 44) throw F;
  }
}`,
    );
  }

  #leafReader(type: GraphQLLeafType): string {
    if (!isEnumType(type)) return BUILT_IN_READERS[type.name] ?? 'any';
    const seen = this.#apiSchema.getType(type.name);
    const values = (isEnumType(seen) ? seen : type).getValues().map(({ name }) => JSON.stringify(name));
    return this.#named(`enum ${type.name}`, (name) => {
      this.enums.set(`${name}v`, new Set(values));
      return `function ${name}() { const b = p; str(); if (!${name}v.has(s.slice(b, p))) throw F; }`;
    });
  }

  #named(key: string, write: (name: string) => string): string {
    let name = this.#readers.get(key);
    if (!name) {
      name = `r${this.#readers.size}`;
      this.#readers.set(key, name);
      this.functions.push(write(name));
    }
    return name;
  }
}

/** Lines of code that read an object. */
interface Reading {
  leading: string[];
  rest: string[];
}

/** Lines of code that note the key of an object that is to be named, once it is read. */
function keyLines({ keys, variants }: Site, fields: readonly SiteField[], typeName: string | undefined): string[] {
  if (keys.size === 0) return [];
  const known = typeName ?? (variants.size === 1 ? [...variants.keys()][0] : undefined);
  if (known !== undefined) return keys.has(known) ? [keyLine(known, keys.get(known)!)] : [];
  const typeField = fields.find(({ type }) => !type);
  if (!typeField?.isRead) throw new NotCompilable('a subject without the name of its type');
  return [...keys].map(
    ([name, key]) => `if (o.${typeField.property} === ${JSON.stringify(JSON.stringify(name))}) ${keyLine(name, key)}`,
  );
}

function keyLine(typeName: string, key: readonly SiteField[]): string {
  const values = key.map(({ property }) => `o.${property}`).join(` + ',' + `);
  return `R.n.push(${JSON.stringify(typeName)}, ${key.length === 1 ? values : `'[' + ${values} + ']'`});`;
}

const emptyObject = (): Reading => ({ leading: [expectText('{}')], rest: [] });

/** Runs of a type's objects; all of the site's where its types look the same. */
function runsOf({ runs }: Site, typeName: string | undefined): Run[] {
  if (typeName !== undefined) return runs.get(typeName) ?? [];
  return [...new Map([...runs.values()].flat().map((run) => [run.property, run])).values()];
}

type WriteRead = (id: number, leading: string, rest: string) => string;

const readAlways: WriteRead = (id, leading, rest) => `  const o = new S${id}();
  ${leading}
  ${rest}
  return o;`;

/**
 * What is looked up is only worth looking up where it is often found: after the first few hundred, in one of sixteen
 * cases.
 */
const isWorthwhile = (id: number): string => `hits${id} * 16 + 256 > tries${id}`;

/**
 * For objects of leaves alone. The text of an object cannot be the beginning of another's: if what stands here up to the
 * next brace is a text that was read before, it is that object again.
 */
const readUnlessWholeIsKnown: WriteRead = (id, leading, rest) => `  const b = p, looks = ${isWorthwhile(id)};
  if (looks) {
    const e = s.indexOf('}', p) + 1;
    const known = R.i${id}.get(s.slice(b, e));
    tries${id}++;
    if (known !== undefined) { hits${id}++; p = e; return known; }
  }
  const o = new S${id}();
  ${leading}
  ${rest}
  if (looks) R.i${id}.set(s.slice(b, p), o);
  return o;`;

/**
 * For objects with objects in them. Where the first leaf was read before, which mostly is a key, the rest mostly was too:
 * then the whole text stands here again, and nothing of it has to be read. (Comparing slices is sixty times quicker than
 * `startsWith`.)
 */
const readUnlessFirstIsKnown: WriteRead = (id, leading, rest) => `  const b = p, looks = ${isWorthwhile(id)};
  const o = new S${id}();
  ${leading}
  let k;
  if (looks) {
    k = s.slice(b, p);
    const known = R.i${id}.get(k);
    tries${id}++;
    if (known !== undefined && s.slice(b, b + known.text.length) === known.text) {
      hits${id}++;
      p = b + known.text.length;
      return known;
    }
  }
  ${rest}
  if (looks) { o.text = s.slice(b, p); R.i${id}.set(k, o); }
  return o;`;

/** A list of leaves stays one text. */
function leafList(name: string, item: string): string {
  return `function ${name}() {
  if (s.charCodeAt(p++) !== 91) throw F;
  if (s.charCodeAt(p) === 93) p++;
  else for (;;) {
    ${item}();
    const c = s.charCodeAt(p++);
    if (c === 93) break;
    if (c !== 44) throw F;
  }
}`;
}

const BUILT_IN_READERS: Readonly<Record<string, string>> = {
  String: 'str',
  ID: 'str',
  Int: 'int',
  Float: 'float',
  Boolean: 'bool',
};

/** The fields of a site whose types look the same; one is read where it is read of any type. */
function uniformFields({ variants }: Site): readonly SiteField[] {
  const [first = [], ...others] = variants.values();
  return first.map((field, index) => ({
    ...field,
    isRead: field.isRead || others.some((fields) => fields[index]!.isRead),
  }));
}

function onlyType({ variants }: Site): string | undefined {
  return variants.size === 1 ? [...variants.keys()][0] : undefined;
}

function typeIndex({ variants }: Site, typeName: string): number {
  return [...variants.keys()].indexOf(typeName);
}

/** Functions that every parser uses; `s` is the text, `p` where it is read, `escapeAt` where its next escape is, `F` what is
 * thrown to give up. */
export const PARSER_RUNTIME = String.raw`
function begin(text) {
  // Apollo Server ends its answers with a line feed.
  s = text.charCodeAt(text.length - 1) === 10 ? text.slice(0, -1) : text;
  p = 0;
  // No text as it should be has one anywhere. A native search for each costs a fraction of a look at every character.
  for (const character of CONTROL) if (s.includes(character)) throw F;
  findEscape(0);
}
function findEscape(from) {
  const found = s.indexOf('\\', from);
  escapeAt = found < 0 ? s.length : found;
}
function nul() {
  if (s.charCodeAt(p) !== 110 || s.charCodeAt(p + 1) !== 117 || s.charCodeAt(p + 2) !== 108 || s.charCodeAt(p + 3) !== 108) throw F;
  p += 4;
}
function str() {
  if (s.charCodeAt(p) !== 34) throw F;
  let e = s.indexOf('"', p + 1);
  if (escapeAt < p) findEscape(p);
  while (escapeAt < e) {
    const after = escaped(escapeAt + 1);
    if (after > e) e = s.indexOf('"', after);
    findEscape(after);
  }
  if (e < 0) throw F;
  p = e + 1;
}
function escaped(i) {
  const c = s.charCodeAt(i);
  if (c === 117) {
    if (!/^[0-9a-fA-F]{4}$/.test(s.slice(i + 1, i + 5))) throw F;
    return i + 5;
  }
  if (c === 34 || c === 92 || c === 47 || c === 98 || c === 102 || c === 110 || c === 114 || c === 116) return i + 1;
  throw F;
}
function digits(i) {
  const b = i;
  let c;
  while ((c = s.charCodeAt(i)) >= 48 && c <= 57) i++;
  if (i === b) throw F;
  return i;
}
function int() {
  const b = s.charCodeAt(p) === 45 ? p + 1 : p;
  const e = digits(b);
  if (e - b > 9 || (s.charCodeAt(b) === 48 && (e - b > 1 || b > p))) throw F;
  p = e;
}
function float() {
  const b = s.charCodeAt(p) === 45 ? p + 1 : p;
  let e = digits(b);
  if (s.charCodeAt(b) === 48 && e - b > 1) throw F;
  if (s.charCodeAt(e) === 46) e = digits(e + 1);
  else if (b > p && s.charCodeAt(b) === 48) throw F;
  if (e - b > 40) throw F;
  if ((s.charCodeAt(e) | 32) === 101) {
    const sign = s.charCodeAt(e + 1), x = sign === 45 || sign === 43 ? e + 2 : e + 1;
    e = digits(x);
    if (e - x > 2) throw F;
  }
  p = e;
}
function bool() {
  if (s.charCodeAt(p) === 116 && s.charCodeAt(p + 1) === 114 && s.charCodeAt(p + 2) === 117 && s.charCodeAt(p + 3) === 101) { p += 4; return; }
  if (s.charCodeAt(p) === 102 && s.charCodeAt(p + 1) === 97 && s.charCodeAt(p + 2) === 108 && s.charCodeAt(p + 3) === 115 && s.charCodeAt(p + 4) === 101) { p += 5; return; }
  throw F;
}
function any(depth = 0) {
  const c = s.charCodeAt(p);
  if (depth > 64) throw F;
  if (c === 34) return str();
  if (c === 110) return nul();
  if (c === 116 || c === 102) return bool();
  if (c !== 91 && c !== 123) return float();
  p++;
  const close = c + 2;
  if (s.charCodeAt(p) === close) p++;
  else for (;;) {
    if (c === 123) {
      str();
      if (s.charCodeAt(p++) !== 58) throw F;
    }
    any(depth + 1);
    const next = s.charCodeAt(p++);
    if (next === close) break;
    if (next !== 44) throw F;
  }
}
function end() {
  if (s.charCodeAt(p) === 44) {
    if (!s.startsWith(',"extensions":', p)) throw F;
    p += 14;
    any();
  }
  if (s.charCodeAt(p) !== 125 || p + 1 !== s.length) throw F;
  s = '';
}
`;
