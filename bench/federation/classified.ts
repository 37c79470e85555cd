import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Kind, parse, print, visit, type ConstDirectiveNode } from 'graphql';
import { stringify } from 'yaml';
import type { BenchSubgraph } from '../workloads/workload.ts';

const ACCESS = 'directive @access(class: String!) on FIELD_DEFINITION\n';

/** A subgraph's SDL with access classes on the fields that have one. */
export function classifiedSdl({ sdl, classes = {} }: BenchSubgraph): string {
  let typeName = '';
  const classified = visit(parse(sdl, { noLocation: true }), {
    ObjectTypeDefinition: { enter: ({ name }) => void (typeName = name.value) },
    FieldDefinition(node) {
      const found = classes[`${typeName}.${node.name.value}`];
      return found === undefined ? undefined : { ...node, directives: [...(node.directives ?? []), access(found)] };
    },
  });
  // Supergraphs of federation before 2.8 have no place for it.
  return ACCESS + print(classified).replace('/federation/v2.5', '/federation/v2.9');
}

function access(name: string): ConstDirectiveNode {
  const given = { kind: Kind.STRING, value: name } as const;
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: 'access' },
    arguments: [{ kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: 'class' }, value: given }],
  };
}

/** Writes a rule file for each subgraph, by which everyone is given everything. */
export async function writeRules(folder: string, subgraphs: readonly BenchSubgraph[]): Promise<void> {
  await mkdir(folder);
  const files = subgraphs.map(({ name }) => {
    const open = { text: 'What is not classified is for everyone.', outcome: 'ALLOW', classes: 'unclassified' };
    const classed = { text: 'What is classified is for who asks here.', outcome: 'ALLOW', classes: 'personal' };
    const rules = [
      { id: `${name}-open`, ...open },
      { id: `${name}-classified`, ...classed, when: { 'identity.kind': 'anonymous' } },
    ];
    return writeFile(path.join(folder, `${name}.yaml`), stringify({ department: name, rules }));
  });
  await Promise.all(files);
}
