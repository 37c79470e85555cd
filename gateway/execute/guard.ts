import type { FetchGuard } from '../plan/guards.ts';
import type { DataObject } from './data.ts';
import type { CompileContext, Execution } from './execution.ts';
import { compileRepresentation } from './representations.ts';

/** Whether what a fetch asks for may be asked for an object; remembers what was decided. */
export type Admits = (object: DataObject, execution: Execution) => boolean;

/** Compiles what guards a fetch. Where what decides is not known, because it could not be fetched, nothing is admitted or remembered. */
export function compileGuard(
  { typeName, fieldName, record, rewrites }: FetchGuard,
  { access, schema }: Pick<CompileContext, 'access' | 'schema'>,
): Admits {
  const guard = access.of(typeName, fieldName);
  // Nothing is decided about it for this caller.
  if (guard === undefined) return () => true;
  if (guard.kind !== 'byRecord') return () => false;
  const look = compileRepresentation(record, rewrites, schema);
  return (object, { verdicts, caller }) => {
    const known = verdicts.get(object) ?? new Map<string, ReturnType<typeof guard.decide>>();
    let verdict = known.get(guard.id);
    if (!verdict) {
      const looked = look(object);
      if (!looked) return false;
      verdict = guard.decide(looked, caller);
      verdicts.set(object, known.set(guard.id, verdict));
    }
    return verdict.kind !== 'refused';
  };
}
