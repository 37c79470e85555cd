import { bodyText, type SubgraphAnswer } from '../execute/fetcher.ts';

/**
 * What a mutation's answer says is no longer as it was, in `extensions.switchyard.invalidates`: a list as `POST /invalidation` takes it, in
 * which the department need not name itself. Undefined where it says nothing.
 */
export function changesOf({ body }: SubgraphAnswer): unknown {
  if (!body.bytes.includes('"invalidates"')) return undefined;
  try {
    const { extensions } = JSON.parse(bodyText(body)) as { extensions?: { switchyard?: { invalidates?: unknown } } };
    return extensions?.switchyard?.invalidates;
  } catch {
    return undefined;
  }
}
