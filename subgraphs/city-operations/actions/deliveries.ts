import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { deliveredRecords, type Delivery } from '../../kit/receiver/delivery.ts';
import { DeliveryRefused } from '../../kit/receiver/receive-deliveries.ts';
import { joinOpenEvent, openEvent, type Opening } from './action-store.ts';

/** A finding as a dispatch delivers it; what else there is of it stays where it was found. */
const findingSchema = z.object({
  id: z.string().min(1).max(200),
  foundAt: z.iso.datetime({ offset: true }),
  subject_uscc: z.string().min(1).max(50),
  rule_title: z.string().min(1).max(2_000),
});

/**
 * Opens an event for each finding that is delivered, but for what is found again while its event is open. One that holds no more leaves its event as it is: what was begun is closed by
 * those who began it.
 *
 * @throws DeliveryRefused where a row is no finding about an enterprise
 */
export function openDelivered(delivery: Delivery, database: DatabaseSync): void {
  const openedAt = new Date().toISOString();
  for (const row of deliveredRecords(delivery).rows) {
    const { data, error } = findingSchema.safeParse(row);
    if (!data) throw new DeliveryRefused(refusalOf(row['id'], error));
    const { id: finding, subject_uscc: uscc, rule_title: summary } = data;
    const openedBy = `dispatch ${delivery.dispatch}, run ${delivery.run}`;
    const foundAt = new Date(data.foundAt).toISOString();
    const opening: Opening = { finding, uscc, summary, foundAt, openedAt, openedBy, queryGroupId: finding };
    if (!joinOpenEvent(database, opening)) openEvent(database, opening);
  }
}

function refusalOf(id: unknown, { issues: [issue] }: z.ZodError): string {
  return `The row of ${JSON.stringify(id ?? null)} is no finding about an enterprise: ${String(issue?.path[0])}: ${issue?.message}.`;
}
