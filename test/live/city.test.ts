import { describe } from 'vitest';
import './city/network.ts';

// In this order: who looked is told by a trail that has nobody else's requests yet, and that a department is missing by a gateway that
// remembers nothing of it yet. `-t claims` runs one of them alone.
describe('who looked', async () => void (await import('./city/who-looked.ts')));
describe('claims', async () => void (await import('./city/claims.ts')));
describe('saved operations', async () => void (await import('./city/saved-operations.ts')));
describe('who may see what', async () => void (await import('./city/who-may-see-what.ts')));
describe('GraphiQL', async () => void (await import('./city/graphiql.ts')));
describe('the documented walk', async () => void (await import('./city/documented-walk.ts')));
