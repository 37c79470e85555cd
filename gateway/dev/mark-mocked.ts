import type { FieldsProvenance } from '../explain/provenance.ts';
import type { HandleRequest } from '../http/graph-endpoint.ts';

/**
 * Says in each answer which of its fields were made up: `extensions.mocked`, by department. Provenance knows which department a field is of.
 */
export function markMocked(handle: HandleRequest, mocked: ReadonlySet<string>): HandleRequest {
  if (mocked.size === 0) return handle;
  return async (request, deadline) => {
    const { parameters } = request;
    const wantsProvenance = parameters.extensions?.['provenance'] === true;
    const extended = { ...parameters, extensions: { ...parameters.extensions, provenance: true } };
    const answer = await handle({ ...request, parameters: extended }, deadline);
    const { provenance = [], ...others } = (answer.extensions ?? {}) as { provenance?: FieldsProvenance[] };
    const madeUp = provenance.filter(({ department }) => mocked.has(department));
    const byDepartment = Map.groupBy(madeUp, ({ department }) => department);
    const paths = Object.fromEntries(
      [...byDepartment].map(([department, parts]) => [department, parts.flatMap((part) => part.paths)]),
    );
    const extensions = {
      ...others,
      ...(wantsProvenance && { provenance }),
      ...(madeUp.length > 0 && { mocked: paths }),
    };
    const { extensions: _, ...rest } = answer;
    return Object.keys(extensions).length > 0 ? { ...rest, extensions } : rest;
  };
}
