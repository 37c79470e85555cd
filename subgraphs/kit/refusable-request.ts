import { execute, type ExecutionArgs, type ExecutionResult, type GraphQLError } from 'graphql';

/** What a request's context has where the request may be refused while it is answered. */
export interface RefusableContext {
  /** Why it is; never, where it is answered. */
  refusal?: Promise<GraphQLError>;
}

/** Executes an operation, until it is done or refused: then what is still under way is let go, and the answer is the one error. */
export function executeUnlessRefused(args: ExecutionArgs): ExecutionResult | Promise<ExecutionResult> {
  const { refusal } = args.contextValue as RefusableContext;
  const executed = execute(args);
  if (!refusal || !(executed instanceof Promise)) return executed;
  return Promise.race([executed, refusal.then((error): ExecutionResult => ({ errors: [error] }))]);
}
