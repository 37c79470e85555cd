import { describe } from 'vitest';
import './asked-often/network.ts';

// Shell companies come last: from then on what is dispatched asks the departments too. `-t faults` runs one of them alone.
describe('a test’s network', async () => void (await import('./asked-often/test-network.ts')));
describe('without customs', async () => void (await import('./asked-often/without-customs.ts')));
describe('faults of departments', async () => void (await import('./asked-often/department-faults.ts')));
describe('Redis as cache', async () => void (await import('./asked-often/redis-cache.ts')));
describe('shell companies', async () => void (await import('./asked-often/shell-companies.ts')));
