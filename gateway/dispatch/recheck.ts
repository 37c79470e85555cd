import { askPage } from './asking.ts';
import type { DeliveredValue } from './delivery.ts';
import type { Run } from './dispatch.ts';
import type { Ended, Preparing } from './prepare.ts';

/**
 * Asks again for the pages of what is kept and not taken: what may be given no more is delivered no more. What is kept stays as it
 * is, since its receiver may have taken it already. Undefined: it may be given as before.
 *
 * @throws the store's errors; the signal's reason
 */
export async function recheck(run: Run, preparing: Preparing): Promise<Ended | undefined> {
  const { claim, reader, asking } = preparing;
  for (const page of await pagesOf(run, preparing)) {
    const asked = await askPage(claim.dispatch.definition, reader, asking, page);
    if (asked.kind !== 'rows') return asked;
    const left = asked.leftOut.find(({ text }) => !run.leftOut?.some((known) => known.text === text));
    if (left) return { kind: 'refused', reason: left };
    const masked = asked.masked.find((coordinate) => !run.masked?.includes(coordinate));
    if (masked !== undefined)
      return {
        kind: 'refused',
        reason: { code: 'UNAUTHORIZED_FIELD_OR_TYPE', text: `${masked} is given masked by now.` },
      };
  }
  return undefined;
}

async function pagesOf(run: Run, { store }: Preparing): Promise<Iterable<DeliveredValue>> {
  const pages = new Set<DeliveredValue>();
  for (const { part, receipt } of await store.deliveries(run.dispatchId, run.number)) {
    if (receipt) continue;
    const kept = await store.delivery(run.dispatchId, run.number, part);
    // Keys of what is no more are of no page: whether they may be given is decided as for any.
    for (const page of kept?.content?.pages ?? []) pages.add(page);
    if (pages.size === 0) pages.add(null);
  }
  return pages;
}
