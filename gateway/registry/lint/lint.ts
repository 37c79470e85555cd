import { parse, visit, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { LintLevels, LintRule } from '../../config/registry.ts';
import type { SubgraphSource } from '../../supergraph/composition.ts';
import { elementsOf, ownTypes, placeIn, textOf, type Element } from './elements.ts';
import type { LintFinding } from './finding.ts';
import { RULES, type LintContext } from './rules.ts';

/** A schema that is to be published. */
export interface LintedSchema {
  readonly source: SubgraphSource;
  /** What was published of it before; absent where nothing was. */
  readonly before: string | undefined;
  /** Schemas of the other subgraphs. */
  readonly others: readonly string[];
  readonly hasRules: boolean;
}

/** A report stays readable, however long the schema. */
const MAX_FINDINGS = 500;

/** What of a schema is not as it should be: what is new and what refuses it first. */
export function lintSchema(
  { source, before, others, hasRules }: LintedSchema,
  api: GraphQLSchema,
  levels: LintLevels,
): LintFinding[] {
  const document = parse(source.sdl);
  const othersTypes = new Set(
    others.flatMap((sdl) => ownTypes(parse(sdl, { noLocation: true })).map(({ name }) => name.value)),
  );
  const contextOf = (each: DocumentNode): LintContext => ({ api, othersTypes, ledTo: typesLedTo(each), hasRules });
  const stood = before === undefined ? new Set<string>() : standing(parse(before), contextOf, levels);
  const found = findingsIn(document, contextOf(document), levels).map(({ element, rule, message, advice }) => ({
    rule,
    level: levels[rule] as LintFinding['level'],
    message,
    coordinate: element.coordinate,
    place: { department: source.name, origin: source.origin, ...placeIn(element) },
    advice,
    isNew: !stood.has(keyOf(rule, element)),
  }));
  return found.toSorted((one, other) => weight(other) - weight(one)).slice(0, MAX_FINDINGS);
}

function weight({ isNew, level }: LintFinding): number {
  return (isNew ? 2 : 0) + (level === 'error' ? 1 : 0);
}

interface Found {
  readonly element: Element;
  readonly rule: LintRule;
  readonly message: string;
  readonly advice: string;
}

function findingsIn(document: DocumentNode, context: LintContext, levels: LintLevels): Found[] {
  const rules = (Object.keys(RULES) as LintRule[]).filter((rule) => levels[rule] !== 'off');
  return elementsOf(document).flatMap((element) =>
    rules.flatMap((rule) => {
      const objection = RULES[rule](element, context);
      return objection ? [{ element, rule, message: objection[0], advice: objection[1] }] : [];
    }),
  );
}

function standing(
  document: DocumentNode,
  contextOf: (document: DocumentNode) => LintContext,
  levels: LintLevels,
): Set<string> {
  return new Set(findingsIn(document, contextOf(document), levels).map(({ rule, element }) => keyOf(rule, element)));
}

function keyOf(rule: LintRule, element: Element): string {
  return [rule, element.coordinate, textOf(element)].join('\0');
}

function typesLedTo(document: DocumentNode): Set<string> {
  const found = new Set<string>();
  visit(document, {
    FieldDefinition({ type }) {
      let named = type;
      while ('type' in named) named = named.type;
      found.add(named.name.value);
    },
  });
  return found;
}
