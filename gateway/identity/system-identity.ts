import type { Identity } from '../caller.ts';
import type { Config } from '../config/config.ts';

type SystemSettings = Omit<Config['identity']['apiKeys'][number], 'sha256' | 'expiresAt'>;

/** The identity that settings give to a system. @param proof how the system proves that it is this one */
export function systemIdentity(settings: SystemSettings, proof: string): Identity {
  const { name, organisation, department, roles, scopes, claims } = settings;
  return { kind: 'system', proof, subject: name, organisation, department, roles, scopes, claims };
}
