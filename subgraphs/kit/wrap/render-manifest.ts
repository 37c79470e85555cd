import { stringify } from 'yaml';
import type { Draft, DraftField } from './draft.ts';
import { plainLine } from '../plain-line.ts';
import { TextLines } from './text-lines.ts';

/** Writes the manifest of a draft. @param notes what stands at its beginning, as comments */
export function renderManifest(draft: Draft, notes: readonly string[]): TextLines {
  const text = new TextLines();
  text.add(...notes.map((note) => `# ${plainLine(note)}`));
  text.add(`department: ${draft.department}`, `title: ${inline(draft.title)}`);
  text.ask('', 'Who answers for it? Then owner: NAME');
  text.add(`port: ${draft.port}`, ...sourceLines(draft.source));
  if (draft.provenance) {
    text.ask('', 'Who publishes it, and under which licence? Then source: and licence: beside it');
    text.add(`provenance: ${inline(draft.provenance)}`);
  }
  text.add('types:');
  for (const { name, from, fields, fromQuestions } of draft.types) {
    text.add(`  ${name}:`);
    for (const question of fromQuestions) text.ask('    ', question);
    text.add(`    from: ${inline(from)}`);
    addFields(text, fields);
  }
  for (const { name, fields } of draft.entities.filter((entity) => entity.fields.length > 0)) {
    text.add(`  ${name}:`);
    addFields(text, fields);
  }
  const mapped = draft.queries.filter(({ mapping }) => mapping !== undefined);
  if (mapped.length > 0) text.add('queries:', ...mapped.map(({ name, mapping }) => `  ${name}: ${inline(mapping)}`));
  return text;
}

/** Collections that a source is told of have a line each. */
function sourceLines({ collections, ...settings }: Draft['source']): string[] {
  if (collections === undefined) return [`source: ${inline(settings)}`];
  const own = Object.entries(settings).map(([name, value]) => `  ${name}: ${inline(value)}`);
  const told = Object.entries(collections as object).map(([name, value]) => `    ${inline(name)}: ${inline(value)}`);
  return ['source:', ...own, '  collections:', ...told];
}

function addFields(text: TextLines, fields: readonly DraftField[]): void {
  const mapped = fields.filter(({ mapping }) => mapping !== undefined);
  if (mapped.length > 0)
    text.add('    fields:', ...mapped.map(({ name, mapping }) => `      ${name}: ${inline(mapping)}`));
}

/** A value in one line. */
function inline(value: unknown): string {
  return stringify(value, {
    collectionStyle: 'flow',
    lineWidth: 0,
    flowCollectionPadding: true,
    singleQuote: true,
  }).trimEnd();
}
