import { Kind, parse, print, visit, type DefinitionNode, type DirectiveNode, type DocumentNode } from 'graphql';
import { baseName } from './sdl-facts.ts';
import type { Subgraphs } from './federation.ts';

/**
 * One thing that a subgraph could do without, or all of them (`*`): `Type`, `Type.field`, `Type.field(arg`, `Type@3`,
 * `Type.field@0`, `Type|Member`.
 */
type Part = `${string}:${string}`;

/**
 * The smallest subgraphs that still fail. Halves are tried first, then ever smaller shares of what is left.
 *
 * @param maxTries how often `fails` may be asked
 */
export async function shrinkSubgraphs(
  subgraphs: Subgraphs,
  fails: (subgraphs: Subgraphs) => Promise<boolean>,
  maxTries: number,
): Promise<Subgraphs> {
  let smallest = subgraphs;
  let tries = 0;
  for (const name of Object.keys(subgraphs)) {
    const { [name]: _, ...others } = smallest;
    if (Object.keys(others).length > 0 && (await fails(others))) smallest = others;
  }
  for (let progress = true; progress;) {
    progress = false;
    for (let share = partsOf(smallest).length; share >= 1; share = Math.floor(share / 2)) {
      const parts = partsOf(smallest);
      for (let start = 0; start < parts.length && tries < maxTries; start += share) {
        const dropped = new Set(parts.slice(start, start + share));
        const candidate = without(smallest, dropped);
        if (sizeOf(candidate) === sizeOf(smallest)) continue;
        tries += 1;
        if (!(await fails(candidate))) continue;
        smallest = candidate;
        progress = true;
      }
    }
  }
  return smallest;
}

function sizeOf(subgraphs: Subgraphs): number {
  return Object.values(subgraphs).join('').length;
}

/** What could be dropped everywhere at once comes first. */
function partsOf(subgraphs: Subgraphs): Part[] {
  const parts = Object.entries(subgraphs).map(([name, sdl]) => ({
    name,
    parts: parse(sdl, { noLocation: true }).definitions.flatMap(partsOfDefinition),
  }));
  const everywhere = new Set(parts.flatMap(({ parts: each }) => each.filter((part) => !part.includes('@'))));
  return [
    ...[...everywhere].map((part): Part => `*:${part}`),
    ...parts.flatMap(({ name, parts: each }) => each.map((part): Part => `${name}:${part}`)),
  ];
}

function partsOfDefinition(node: DefinitionNode): string[] {
  if (!('name' in node)) return [];
  const type = node.name.value;
  const marks = (of: string, directives: readonly unknown[] = []): string[] =>
    directives.map((_, index) => `${of}@${index}`);
  const parts = [type, ...marks(type, node.directives)];
  if ('fields' in node) {
    for (const field of node.fields ?? []) {
      const id = `${type}.${field.name.value}`;
      parts.push(id, ...marks(id, field.directives));
      if ('arguments' in field) for (const arg of field.arguments ?? []) parts.push(`${id}(${arg.name.value}`);
    }
  }
  if ('interfaces' in node) for (const each of node.interfaces ?? []) parts.push(`${type}|${each.name.value}`);
  if ('types' in node) for (const each of node.types ?? []) parts.push(`${type}|${each.name.value}`);
  if ('values' in node) for (const each of node.values ?? []) parts.push(`${type}|${each.name.value}`);
  return parts;
}

function without(subgraphs: Subgraphs, dropped: ReadonlySet<Part>): Subgraphs {
  const left = Object.entries(subgraphs).map(([name, sdl]) => {
    const isKept = (part: string): boolean => !dropped.has(`${name}:${part}`) && !dropped.has(`*:${part}`);
    return [name, print(dropDangling(drop(parse(sdl, { noLocation: true }), isKept)))] as const;
  });
  return Object.fromEntries(left.filter(([, sdl]) => sdl.trim() !== ''));
}

type IsKept = (part: string) => boolean;

function drop(document: DocumentNode, isKept: IsKept): DocumentNode {
  return {
    ...document,
    definitions: document.definitions.flatMap((node) => {
      if (!('name' in node) || !isKept(node.name.value)) return [];
      return [dropInside(node, node.name.value, isKept)];
    }),
  };
}

function dropInside(node: DefinitionNode, type: string, isKept: IsKept): DefinitionNode {
  const marks = <Directive>(of: string, directives: readonly Directive[] = []): Directive[] =>
    directives.filter((_, index) => isKept(`${of}@${index}`));
  const named = <Named extends { name: { value: string } }>(list: readonly Named[] = []): Named[] =>
    list.filter(({ name }) => isKept(`${type}|${name.value}`));
  const result: Record<string, unknown> = {
    ...node,
    directives: 'directives' in node ? marks(type, node.directives) : [],
  };
  if ('interfaces' in node) result['interfaces'] = named(node.interfaces);
  if ('types' in node) result['types'] = named(node.types);
  if ('values' in node) result['values'] = named(node.values);
  if ('fields' in node)
    result['fields'] = (node.fields ?? []).flatMap((field) => {
      const id = `${type}.${field.name.value}`;
      if (!isKept(id)) return [];
      const args = 'arguments' in field ? (field.arguments ?? []) : [];
      return [
        {
          ...field,
          directives: marks(id, field.directives),
          arguments: args.filter(({ name }) => isKept(`${id}(${name.value}`)),
        },
      ];
    });
  return result as unknown as DefinitionNode;
}

const BUILT_IN = new Set(['Int', 'Float', 'String', 'Boolean', 'ID']);

/** Drops what refers to types that are gone, and types that are left with nothing. */
function dropDangling(document: DocumentNode): DocumentNode {
  for (let current = document; ;) {
    const known = new Set(current.definitions.flatMap((node) => ('name' in node ? [node.name.value] : [])));
    const isKnown = (name: string): boolean => known.has(name) || BUILT_IN.has(name);
    const definitions = current.definitions.flatMap((node) => {
      const left = onlyKnown(node, isKnown);
      return isEmpty(left) ? [] : [left];
    });
    const next = dropUnfounded({ ...current, definitions });
    if (print(next) === print(current)) return next;
    current = next;
  }
}

/** Drops field sets that name what is not there, and external fields that no field set names. */
function dropUnfounded(document: DocumentNode): DocumentNode {
  const fieldNames = new Set<string>();
  const named = new Set<string>();
  visit(document, {
    FieldDefinition: (node) => void fieldNames.add(node.name.value),
    Directive(node) {
      for (const name of fieldSetNames(node)) named.add(name);
    },
  });
  const isFounded = (directive: DirectiveNode): boolean =>
    fieldSetNames(directive).every((name) => fieldNames.has(name));
  return visit(document, {
    FieldDefinition(node) {
      const directives = node.directives ?? [];
      const isUseless = has(directives, 'external') && !named.has(node.name.value);
      const isLost = directives.some((each) => each.name.value === 'requires' && !isFounded(each));
      return isUseless || isLost ? null : undefined;
    },
    Directive: (node) => (isFounded(node) ? undefined : null),
  });
}

function has(directives: readonly DirectiveNode[], name: string): boolean {
  return directives.some((each) => each.name.value === name);
}

/** Names of fields in a directive's field set; what an inline fragment is on does not count. */
function fieldSetNames(directive: DirectiveNode): string[] {
  const value = directive.arguments?.find(({ name }) => name.value === 'fields')?.value;
  if (value?.kind !== Kind.STRING) return [];
  return value.value.replaceAll(/\.\.\. on \w+|\([^)]*\)|__typename/g, '').match(/\w+/g) ?? [];
}

function onlyKnown(node: DefinitionNode, isKnown: (name: string) => boolean): DefinitionNode {
  const result: Record<string, unknown> = { ...node };
  if ('interfaces' in node) result['interfaces'] = (node.interfaces ?? []).filter(({ name }) => isKnown(name.value));
  if ('types' in node) result['types'] = (node.types ?? []).filter(({ name }) => isKnown(name.value));
  if ('fields' in node)
    result['fields'] = (node.fields ?? []).flatMap((field) => {
      if (!isKnown(baseName(field.type))) return [];
      const args = 'arguments' in field ? field.arguments : undefined;
      return [args ? { ...field, arguments: args.filter(({ type }) => isKnown(baseName(type))) } : field];
    });
  return result as unknown as DefinitionNode;
}

function isEmpty(node: DefinitionNode): boolean {
  if (node.kind === Kind.UNION_TYPE_DEFINITION) return (node.types ?? []).length === 0;
  if (node.kind === Kind.ENUM_TYPE_DEFINITION) return (node.values ?? []).length === 0;
  return 'fields' in node && (node.fields ?? []).length === 0;
}
