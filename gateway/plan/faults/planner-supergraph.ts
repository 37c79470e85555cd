import { parse, print, type DefinitionNode, type DocumentNode } from 'graphql';
import { addContextConditions, copyContexts } from './contexts.ts';
import { isFieldsDefinition, JoinDirective } from '../../supergraph/join-directives.ts';
import type { GuardedField } from '../../operation/field-access.ts';
import { addGuards, type Guarded } from '../guards.ts';
import { addStandIns, type StandIns } from './required-arguments.ts';
import { addRequirementGraphs, type DepartmentNames, type Separated } from './requirement-graphs.ts';

/** The supergraph as the planner gets it. */
export interface PlannerSupergraph {
  sdl: string;
  standIns: StandIns;
  departments: DepartmentNames;
  /** What subgraphs of the planner's guard. */
  guards: ReadonlyMap<string, Guarded>;
  /** Whether it differs from the supergraph in more than order; the differences need not satisfy a subgraph's rules. */
  isRewritten: boolean;
}

/**
 * Says the same as a supergraph in a way that Apollo's planner plans rightly; plans have to be translated back.
 * @param guarded fields that are to be fetched apart, once it is known what decides about them
 * @param separates which requirements have graphs of their own
 */
export function plannerSupergraph(
  sdl: string,
  guarded: readonly GuardedField[],
  separates: Separated,
): PlannerSupergraph {
  const ordered = keysInOrder(parse(sdl, { noLocation: true }));
  const conditioned = addContextConditions(ordered);
  const withStandIns = addStandIns(conditioned);
  const withGuards = addGuards(withStandIns.document, withStandIns.standIns, guarded);
  const { standIns } = withGuards;
  const {
    document: separated,
    departments,
    guards,
  } = addRequirementGraphs(withGuards.document, {
    standIns,
    guarded: withGuards.guarded,
    separates,
  });
  const whole = copyContexts(separated, departments);
  const isRewritten = conditioned !== ordered || standIns.size > 0 || departments.size > 0;
  return { sdl: print(whole), standIns, departments, guards, isRewritten };
}

/**
 * The planner enters a department by the first key it finds, be it one that the department does not look anything up by
 * (`resolvable: false`). So those come last.
 */
function keysInOrder(document: DocumentNode): DocumentNode {
  const definitions = document.definitions.map((definition): DefinitionNode => {
    if (!isFieldsDefinition(definition) || !definition.directives) return definition;
    const isLast = (directive: (typeof definition.directives)[number]): boolean =>
      directive.name.value === 'join__type' && !new JoinDirective(directive).isResolvable;
    const [last, first] = [definition.directives.filter(isLast), definition.directives.filter((each) => !isLast(each))];
    return { ...definition, directives: [...first, ...last] };
  });
  return { ...document, definitions };
}
