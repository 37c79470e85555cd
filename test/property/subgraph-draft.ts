/** An argument of a field. */
export interface ArgumentDraft {
  name: string;
  type: string;
  /** As it stands in SDL. */
  defaultText: string | undefined;
}

/** A field that a type has, in whichever subgraphs. */
export interface FieldDraft {
  name: string;
  type: string;
  args: readonly ArgumentDraft[];
}

/** A type of one subgraph while it is being made. */
export interface TypeDraft {
  kind: 'type' | 'interface' | 'union' | 'enum' | 'input' | 'scalar';
  name: string;
  directives: Set<string>;
  implements: Set<string>;
  /** Field by name, with its directives in this subgraph. */
  fields: Map<string, { field: FieldDraft; directives: Set<string> }>;
  /** Of a union: its types. Of an enum: its values. */
  members: Set<string>;
}

/** One subgraph while it is being made. */
export class SubgraphDraft {
  readonly name: string;
  readonly types = new Map<string, TypeDraft>();

  constructor(name: string) {
    this.name = name;
  }

  /** The type of that name, made on first sight. */
  type(kind: TypeDraft['kind'], name: string): TypeDraft {
    let type = this.types.get(name);
    if (!type) {
      type = { kind, name, directives: new Set(), implements: new Set(), fields: new Map(), members: new Set() };
      this.types.set(name, type);
    }
    return type;
  }

  /** The subgraph's SDL, without the federation `@link`. */
  print(): string {
    return [...this.types.values()].map(printType).join('\n');
  }
}

/** The name at the core of a type's text. */
export function baseOf(type: string): string {
  return type.replace(/[[\]!]/g, '');
}

function printType(type: TypeDraft): string {
  const head = [type.kind, type.name, printInterfaces(type), ...type.directives]
    .filter((part) => part !== '')
    .join(' ');
  if (type.kind === 'scalar') return head;
  if (type.kind === 'union') return `${head} = ${[...type.members].join(' | ')}`;
  if (type.kind === 'enum') return `${head} { ${[...type.members].join(' ')} }`;
  return `${head} {\n${[...type.fields.values()].map(printField).join('')}}`;
}

function printInterfaces(type: TypeDraft): string {
  return type.implements.size > 0 ? `implements ${[...type.implements].join(' & ')}` : '';
}

function printField({ field, directives }: { field: FieldDraft; directives: Set<string> }): string {
  const args = field.args.map(
    ({ name, type, defaultText }) => `${name}: ${type}${defaultText === undefined ? '' : ` = ${defaultText}`}`,
  );
  const parameters = args.length > 0 ? `(${args.join(', ')})` : '';
  return `  ${[`${field.name}${parameters}: ${field.type}`, ...directives].join(' ')}\n`;
}
