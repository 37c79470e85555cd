import {
  Kind,
  print,
  visit,
  type ArgumentNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
} from 'graphql';
import {
  eachRequiredField,
  fieldsDefinitions,
  isFieldsDefinition,
  JoinDirective,
  parseFieldSet,
  printFieldSet,
  stringValue,
  type FieldsDefinition,
} from '../../supergraph/join-directives.ts';

/** A field that stands for another with the arguments that a department requires it with. */
export interface StandIn {
  /** The field it stands for. */
  name: string;
  arguments: readonly ArgumentNode[];
}

/** Stand-ins by their own name. */
export type StandIns = ReadonlyMap<string, StandIn>;

/**
 * Apollo's planner takes a field that is required with arguments for the same field with others, because both have one
 * response name: a client, or another requirement, then gets the wrong value. Here each field that is required with
 * arguments gets a stand-in without arguments, under a name of its own; what is planned with it is translated back.
 */
export function addStandIns(document: DocumentNode): { document: DocumentNode; standIns: StandIns } {
  const types = fieldsDefinitions(document);
  const naming = new StandInNames(types);
  const renamed = document.definitions.map((definition) =>
    isFieldsDefinition(definition) ? withStandInsRequired(definition, types, naming) : definition,
  );
  const definitions = renamed.map((definition) =>
    isFieldsDefinition(definition) ? withFields(definition, naming) : definition,
  );
  return { document: { ...document, definitions }, standIns: naming.standIns };
}

class StandInNames {
  readonly standIns = new Map<string, StandIn>();
  /** Stand-ins that a field needs, by `Type.field` of where it is required. */
  readonly byField = new Map<string, Set<string>>();
  readonly #taken: Set<string>;
  readonly #bySignature = new Map<string, string>();

  constructor(types: ReadonlyMap<string, FieldsDefinition>) {
    this.#taken = new Set([...types.values()].flatMap(({ fields = [] }) => fields.map(({ name }) => name.value)));
  }

  of(node: FieldNode, typeName: string): string {
    const signature = `${node.name.value}(${(node.arguments ?? []).map(print).join(',')})`;
    const known = this.#bySignature.get(signature);
    const name = known ?? this.#fresh(node.name.value);
    this.#bySignature.set(signature, name);
    this.standIns.set(name, { name: node.name.value, arguments: node.arguments ?? [] });
    const at = `${typeName}.${node.name.value}`;
    this.byField.set(at, (this.byField.get(at) ?? new Set()).add(name));
    return name;
  }

  #fresh(field: string): string {
    let number = 1;
    while (this.#taken.has(`${field}__required${number}`)) number += 1;
    this.#taken.add(`${field}__required${number}`);
    return `${field}__required${number}`;
  }
}

/** The definition with stand-ins in what its fields require. */
function withStandInsRequired(
  definition: FieldsDefinition,
  types: ReadonlyMap<string, FieldsDefinition>,
  naming: StandInNames,
): FieldsDefinition {
  const fields = definition.fields?.map((field): FieldDefinitionNode => {
    const directives = field.directives?.map((node) => {
      const join = new JoinDirective(node);
      if (!join.requires?.includes('(')) return node;
      return join.with({ requires: stringValue(standInFieldSet(join.requires, definition.name.value, types, naming)) });
    });
    return directives ? { ...field, directives } : field;
  });
  return fields ? { ...definition, fields } : definition;
}

function standInFieldSet(
  text: string,
  typeName: string,
  types: ReadonlyMap<string, FieldsDefinition>,
  naming: StandInNames,
): string {
  const fieldSet = parseFieldSet(text);
  const names = new Map<FieldNode, string>();
  eachRequiredField(fieldSet, typeName, types, (node, parentName) => {
    if (node.arguments?.length) names.set(node, naming.of(node, parentName));
  });
  const replaced = visit(fieldSet, {
    Field(node) {
      const name = names.get(node);
      return name === undefined ? undefined : { ...node, name: { kind: Kind.NAME, value: name }, arguments: [] };
    },
  });
  return printFieldSet(replaced);
}

/** The definition with the stand-ins of its fields, which are where those fields are. */
function withFields(definition: FieldsDefinition, { byField, standIns }: StandInNames): FieldsDefinition {
  const owners = [definition.name.value, ...(definition.interfaces ?? []).map(({ name }) => name.value)];
  const fields = definition.fields?.flatMap((field) => {
    const names = new Set(owners.flatMap((owner) => [...(byField.get(`${owner}.${field.name.value}`) ?? [])]));
    return [field, ...[...names].map((name) => standInField(field, name))];
  });
  return fields && standIns.size > 0 ? { ...definition, fields } : definition;
}

function standInField(field: FieldDefinitionNode, name: string): FieldDefinitionNode {
  return { ...field, name: { kind: Kind.NAME, value: name }, arguments: [] };
}
