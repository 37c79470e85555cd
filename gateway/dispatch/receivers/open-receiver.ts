import type { ReceiverConfig } from '../../config/dispatch-receivers.ts';
import type { SigningKey } from '../../fetch/signing-key.ts';
import type { Receiver } from '../delivery.ts';
import { openFolder } from './folder.ts';

/** What receivers may need of the gateway. */
export interface ReceiverKeys {
  /** What requests are signed with; undefined where nothing is. */
  readonly signingKey: SigningKey | undefined;
}

/**
 * Opens what the settings name; nobody is asked before the first delivery. What only one kind needs is loaded for that kind.
 *
 * @throws ConfigError where a key is missing, or a file cannot be read
 */
export async function openReceiver(settings: ReceiverConfig, { signingKey }: ReceiverKeys): Promise<Receiver> {
  switch (settings.kind) {
    case 'folder':
      return openFolder(settings);
    case 'postgres':
      return (await import('./postgres.ts')).openPostgres(settings);
    case 'webhook':
      return (await import('./webhook.ts')).openWebhook(settings, signingKey);
    case 'redis-stream':
      return (await import('./redis-stream.ts')).openRedisStream(settings);
    case 'soap':
      return (await import('./soap.ts')).openSoap(settings);
  }
}
