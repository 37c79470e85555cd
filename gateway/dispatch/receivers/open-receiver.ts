import type { ReceiverConfig } from '../../dispatch-recipients-config.ts';
import type { Receiver } from '../delivery.ts';
import { openFolder } from './folder.ts';

/** Opens what the settings name; nobody is asked before the first delivery. */
export async function openReceiver(settings: ReceiverConfig): Promise<Receiver> {
  switch (settings.kind) {
    case 'folder':
      return openFolder(settings);
    case 'postgres':
      return (await import('./postgres.ts')).openPostgres(settings);
  }
}
