import type { DocumentNode } from 'graphql';
import { readJoinedDirectives, SCHEMA_ELEMENT } from './joined-directives.ts';

/** What a department says of itself, by `extend schema @department(title:, licence:, contact:)`. */
export interface DepartmentFacts {
  readonly title?: string;
  /** Under which terms what it gives may be used on, such as `CC BY 4.0`. */
  readonly licence?: string;
  /** Whom to ask: an address of mail or of a page. */
  readonly contact?: string;
}

/** What departments say of themselves, by the names of their subgraphs. Of several sayings each part is the last one's. */
export function readDepartmentFacts(supergraph: DocumentNode): ReadonlyMap<string, DepartmentFacts> {
  const facts = new Map<string, DepartmentFacts>();
  for (const { subgraph, element, args } of readJoinedDirectives(supergraph, 'department')) {
    if (element !== SCHEMA_ELEMENT) continue;
    const said = ['title', 'licence', 'contact'].flatMap((name) => {
      const text = args[name];
      return typeof text === 'string' && text.trim() !== '' ? [[name, text] as const] : [];
    });
    facts.set(subgraph, { ...facts.get(subgraph), ...Object.fromEntries(said) });
  }
  return facts;
}
