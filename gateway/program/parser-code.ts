import type { GraphQLSchema } from 'graphql';
import { coverLine, type Cover } from './covers.ts';
import { objectReader } from './interning-code.ts';
import { NotCompilable } from './not-compilable.ts';
import type { ResultSites } from './positions.ts';
import { expectText } from './text-code.ts';
import { isUniform, type Run, type Site, type SiteField } from './sites.ts';
import { ValueCode } from './value-code.ts';

/**
 * Writes the parser of a program: JavaScript that reads exactly the answer that is expected, with its keys in their order
 * and no spaces, and gives up (`throw F`) at anything else. Objects become objects; a leaf stays the text it is, checked
 * to be a value of its type. Only property names of our own and JSON literals get into the code.
 */
export class ParserCode {
  readonly functions: string[] = [];
  readonly #values: ValueCode;
  readonly #covers: readonly Cover[];
  readonly #results: ResultSites;

  /**
   * @param apiSchema values of enums that clients may not see are not taken
   * @param covers what fetches take from objects inside of answers, by the sites of `results`
   */
  constructor(apiSchema: GraphQLSchema, covers: readonly Cover[], results: ResultSites) {
    this.#values = new ValueCode(apiSchema, this.functions);
    this.#covers = covers;
    this.#results = results;
  }

  /** Sets of enum values that the code uses, by their name in it. */
  get enums(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#values.enums;
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
  if (u[p] === 93) p++;
  else for (;;) {
    a.push(u[p] === 110 ? (nul(), null) : ${item});
    const c = u[p++];
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
  if (u[p] !== 123) throw F;
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
    this.functions.push(objectReader(site, name, leading, rest));
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
    if (child) return `o.${property} = ${this.#values.reader(type!, child)}();`;
    const check = type ? `${this.#values.reader(type, undefined)}();` : 'str();';
    return isRead ? `{ const b = p; ${check} o.${property} = s.slice(b, p); }` : check;
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
