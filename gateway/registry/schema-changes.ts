import { ChangeType, diff, type Change } from '@graphql-inspector/core';
import type { GraphQLSchema } from 'graphql';
import type { FieldUse, UsedElements } from './usage.ts';
import { WaysTo } from './ways-to.ts';

/** One thing that is otherwise for who asks the graph. */
export interface ToldChange {
  /** `breaking`: who asks for it must change; `dangerous`: who asks for it may have to; `safe`: nobody has to. */
  readonly level: 'breaking' | 'dangerous' | 'safe';
  /** What is otherwise, in one sentence. */
  readonly message: string;
  /** What it is about: `Enterprise.name`, `Enterprise.filings.first`. */
  readonly path: string;
  /** The part of the graph in which it is otherwise; absent where it is in the whole. */
  readonly contract?: string | undefined;
}

/** The same, with what those use whom it concerns. */
export interface FoundChange extends ToldChange, UsedElements {}

/** A change, with those whom it concerns. */
export interface SchemaChange extends ToldChange {
  /** Who asked for it lately; empty where it does not matter. */
  readonly usedBy: readonly FieldUse[];
}

const LEVELS = { BREAKING: 'breaking', DANGEROUS: 'dangerous', NON_BREAKING: 'safe' } as const;
const GRAVITY = { breaking: 0, dangerous: 1, safe: 2 };

/** What is otherwise in an API, the gravest first. */
export async function findChanges(before: GraphQLSchema, after: GraphQLSchema): Promise<FoundChange[]> {
  const ways = new WaysTo(before);
  return gravestFirst((await diff(before, after)).map((change) => readChange(change, ways)));
}

export function gravestFirst(changes: readonly FoundChange[]): FoundChange[] {
  return changes.toSorted((one, other) => GRAVITY[one.level] - GRAVITY[other.level]);
}

function readChange(change: Change, ways: WaysTo): FoundChange {
  const { criticality, message, path = '' } = change;
  const told = { level: LEVELS[criticality.level], message: message.replaceAll("'", '"'), path };
  if (told.level === 'safe') return { ...told, fields: [] };
  const inputs = inputsOf(change, ways);
  return { ...told, fields: ways.about(path), ...(inputs && { inputs }) };
}

/** Where it concerns those alone who name or fill in something; undefined where it concerns who asks for a field. */
function inputsOf({ type, path = '', meta }: Change, ways: WaysTo): readonly string[] | undefined {
  const [typeName = '', name, argument] = path.split('.');
  const given = meta as Readonly<Record<string, string>>;
  switch (type) {
    case ChangeType.FieldArgumentTypeChanged:
      if (isNewlyRequired(given['oldArgumentType'], given['newArgumentType'])) return undefined;
      return [`${typeName}.${name}(${argument}:)`];
    case ChangeType.FieldArgumentRemoved:
      return [`${typeName}.${name}(${argument}:)`];
    case ChangeType.InputFieldTypeChanged:
      if (isNewlyRequired(given['oldInputFieldType'], given['newInputFieldType'])) return undefined;
      return [path, ...ways.inputsWith(typeName)];
    case ChangeType.InputFieldRemoved:
      return [path, ...ways.inputsWith(typeName)];
    case ChangeType.EnumValueRemoved:
      // What answers hold cannot be told from an operation: who asks for a field of the enum may be given the value.
      return [path, ...ways.inputsWith(typeName), ...ways.giving(typeName)];
    default:
      return undefined;
  }
}

/** Then it breaks who leaves it out. */
function isNewlyRequired(before = '', after = ''): boolean {
  return after.endsWith('!') && !before.endsWith('!');
}
