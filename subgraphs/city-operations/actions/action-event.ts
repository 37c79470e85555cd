/** Where an event stands; it follows from what was done. */
export type ActionState = 'OPEN' | 'ASSIGNED' | 'IN_PROGRESS' | 'CLOSED';

/** A finding's event, with all that was done about it. Times are ISO 8601, UTC. */
export interface ActionEvent {
  readonly eventNo: string;
  readonly finding: string;
  readonly uscc: string;
  /** The whole that every request about it is a part of. */
  readonly queryGroupId: string;
  readonly summary: string;
  readonly foundAt: string;
  readonly openedAt: string;
  readonly openedBy: string | null;
  readonly assignments: readonly ActionAssignment[];
  readonly measures: readonly ActionMeasure[];
  readonly closure: ActionClosure | null;
}

export interface ActionAssignment {
  readonly department: string;
  /** `YYYY-MM-DD` */
  readonly dueOn: string;
  readonly assignedAt: string;
  readonly assignedBy: string | null;
}

export interface ActionMeasure {
  readonly kind: string;
  readonly text: string;
  readonly department: string;
  readonly takenAt: string;
  readonly takenBy: string | null;
}

export interface ActionClosure {
  readonly outcome: string;
  readonly text: string;
  readonly closedAt: string;
  readonly closedBy: string | null;
}

/** How long each step took, in seconds; null for a step that was not taken. */
export interface ActionDurations {
  readonly findingToOpening: number;
  readonly openingToAssignment: number | null;
  readonly assignmentToMeasure: number | null;
  readonly measureToClosure: number | null;
  readonly findingToClosure: number | null;
}

/** Where an event stands. A department that was handed an event has not begun, whatever another did before it. */
export function stateOf({ assignments, measures, closure }: ActionEvent): ActionState {
  if (closure) return 'CLOSED';
  const last = assignments.at(-1);
  if (!last) return 'OPEN';
  const hasBegun = measures.some(
    ({ department, takenAt }) => department === last.department && takenAt >= last.assignedAt,
  );
  return hasBegun ? 'IN_PROGRESS' : 'ASSIGNED';
}

/** How long the steps took: from first to first, and to the closure from the last measure. */
export function durationsOf({ foundAt, openedAt, assignments, measures, closure }: ActionEvent): ActionDurations {
  const assignedAt = assignments[0]?.assignedAt;
  const end = closure?.closedAt;
  return {
    findingToOpening: seconds(foundAt, openedAt)!,
    openingToAssignment: seconds(openedAt, assignedAt),
    assignmentToMeasure: seconds(assignedAt, measures[0]?.takenAt),
    measureToClosure: seconds(measures.at(-1)?.takenAt, end),
    findingToClosure: seconds(foundAt, end),
  };
}

function seconds(from: string | undefined, to: string | undefined): number | null {
  return from === undefined || to === undefined ? null : (Date.parse(to) - Date.parse(from)) / 1_000;
}
