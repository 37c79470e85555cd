import type { Draft, DraftField, DraftQuery, DraftType } from './draft.ts';
import { plainLine } from '../plain-line.ts';
import { TextLines } from './text-lines.ts';

const PROVENANCE = `"Where a record comes from."
type Provenance @shareable {
  source: String
  system: String
  recordId: String
  asOf: String
  fetchedAt: String!
  method: String
  quality: String
  synthetic: Boolean
  licence: String
}`;

/** Writes the SDL of a draft. */
export function renderSdl(draft: Draft): TextLines {
  const text = new TextLines();
  const imports = [
    ...(draft.types.some(({ keys }) => keys.length > 0) || draft.entities.length > 0 ? ['"@key"'] : []),
    ...(draft.provenance ? ['"@shareable"'] : []),
  ];
  text.add(
    `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${imports.join(', ')}])`,
    '',
    'type Query {',
  );
  for (const query of draft.queries) addQuery(text, query);
  text.add('}');
  for (const type of draft.types) addType(text, type);
  for (const { name, key, keyType, fields } of draft.entities) {
    text.add(
      '',
      `"Of other departments${fields.length > 0 ? '; this one adds to it' : ''}."`,
      `type ${name} @key(fields: "${key}"${fields.length > 0 ? '' : ', resolvable: false'}) {`,
      `  ${key}: ${keyType}!`,
    );
    for (const field of fields) addField(text, field);
    text.add('}');
  }
  for (const { name, values } of draft.enums)
    text.add('', `enum ${name} {`, ...values.map((value) => `  ${value}`), '}');
  if (draft.provenance) text.add('', ...PROVENANCE.split('\n'));
  return text;
}

function addQuery(text: TextLines, { name, args, type, description }: DraftQuery): void {
  text.add(`  ${quoted(description)}`);
  const plain = args.map((arg) => `${arg.name}: ${arg.type}`);
  if (args.every((arg) => arg.description === undefined)) {
    text.add(`  ${name}(${plain.join(', ')}): ${type}`);
    return;
  }
  text.add(`  ${name}(`);
  for (const [at, arg] of args.entries()) {
    if (arg.description !== undefined) text.add(`    ${quoted(arg.description)}`);
    text.add(`    ${plain[at]}`);
  }
  text.add(`  ): ${type}`);
}

function addType(text: TextLines, { name, description, keys, fields, questions }: DraftType): void {
  text.add('');
  for (const question of questions) text.ask('', question);
  const directives = keys.map((key) => ` @key(fields: "${key.join(' ')}")`).join('');
  text.add(quoted(description), `type ${name}${directives} {`);
  for (const field of fields) addField(text, field);
  text.add('}');
}

function addField(text: TextLines, { name, args, type, description, questions }: DraftField): void {
  for (const question of questions) text.ask('  ', question);
  if (description !== undefined) text.add(`  ${quoted(description)}`);
  text.add(`  ${name}${args === undefined ? '' : `(${args})`}: ${type}`);
}

/** A description in one line, whatever is in it. */
function quoted(description: string): string {
  return JSON.stringify(plainLine(description));
}
