import type { GraphQLSchema } from 'graphql';
import type { Caller } from '../caller.ts';
import type { Deadline } from '../deadline.ts';
import type { AnswerError } from '../errors.ts';
import type { FieldAccess, RecordVerdict } from '../operation/field-access.ts';
import type { EntityKeys } from '../supergraph/subject-types.ts';
import type { TolerantFields } from '../supergraph/tolerant-fields.ts';
import type { DataObject } from './data.ts';
import type { Fetcher } from './fetcher.ts';
import type { Unfilled } from './unfilled.ts';

/** What one execution of a plan works on. */
export interface Execution {
  /** Merged so far, by response name; no more than what departments answered. */
  readonly data: DataObject;
  readonly errors: AnswerError[];
  readonly variables: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
  /** What was decided about objects of the data, by the id of what decides. */
  readonly verdicts: Verdicts;
  /** What of the data is missing for a reason that is reported. */
  readonly unfilled: Unfilled;
  readonly fetcher: Fetcher;
  /** The end of the request's time. */
  readonly deadline: Deadline;
  /** Nothing more is to be done: the answer is null already, and what is left of a mutation must not be run. */
  isOver: boolean;
}

/** What was decided about objects of the data, by the id of the `RecordGuard`. */
export type Verdicts = WeakMap<object, Map<string, RecordVerdict>>;

/** One compiled node of a plan. */
export type Step = (execution: Execution) => Promise<void>;

/** What compiling a plan depends on beside the plan. */
export interface CompileContext {
  /** The full schema of the supergraph, for type conditions. */
  schema: GraphQLSchema;
  /** Whether departments' messages are replaced by the catalogue's text. */
  maskErrors: boolean;
  /** What the caller may see. */
  access: FieldAccess;
  /** Fields whose department is asked although something that it requires is missing. */
  tolerantFields: TolerantFields;
  entityKeys: EntityKeys;
  /**
   * Whether an object that was fetched for several places may be the same object in all of them. Not in a plan with contextual
   * arguments: what is fetched for it then depends on the place.
   */
  sharesObjects: boolean;
}

/** What an execution is given. */
export type ExecutionInput = Pick<Execution, 'variables' | 'caller' | 'fetcher' | 'deadline'>;

/** What an execution gives: data for the projection, and the departments' errors with the client's paths. */
export type ExecutionOutput = Pick<Execution, 'data' | 'errors' | 'verdicts' | 'unfilled'>;
