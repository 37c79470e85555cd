import { readFileSync } from 'node:fs';
import type { CatalogueDepartment, Indicator } from './catalogue.ts';
import { CATALOGUE } from './paths.ts';
import { LICENCES } from './publishers.ts';
import { fieldName, figuresField, figuresType } from './names.ts';

/** What a subgraph of the economies has in common with the others. */
const shared = readSdl('observation');

/** The schemas of the economies' subgraphs by name: the register of indicators, and one a department. */
export function economiesSdl(departments: readonly CatalogueDepartment[]): Map<string, string> {
  return new Map([
    [CATALOGUE, catalogueSdl()],
    ...departments.map((each) => [each.code, departmentSdl(each)] as const),
  ]);
}

function catalogueSdl(): string {
  return `${shared}\n${readSdl('catalogue')}`;
}

/** The schema of one department: a place has its figures, one field an indicator. */
function departmentSdl({ code, title, publisher, remit, indicators }: CatalogueDepartment): string {
  return `${shared}
extend schema @department(title: ${JSON.stringify(title)}, licence: ${JSON.stringify(LICENCES[publisher])})

type Place @key(fields: "iso") @cacheControl(maxAge: 3600) {
  "ISO 3166-1 alpha-2 code, upper case."
  iso: ID!
  ${description(`${remit} Null where the publisher says nothing of the place.`)}
  ${figuresField(code)}: ${figuresType(code)} @cacheControl(inheritMaxAge: true)
}

${description(remit)}
type ${figuresType(code)} @cacheControl(inheritMaxAge: true) {
${indicators.map(fieldSdl).join('\n')}
}

type Indicator @key(fields: "code", resolvable: false) {
  code: ID!
}
`;
}

function fieldSdl({ code, definition, unit }: Indicator): string {
  return `  ${description(`${definition} Unit: ${unit}. Newest first; null where the publisher says nothing of it.`)}
  ${fieldName(code)}("The first year." from: Int, "The last year." to: Int): [Observation!] @cacheControl(inheritMaxAge: true)`;
}

function description(text: string): string {
  return JSON.stringify(text);
}

function readSdl(name: string): string {
  return readFileSync(new URL(`schema/${name}.graphql`, import.meta.url), 'utf8');
}
