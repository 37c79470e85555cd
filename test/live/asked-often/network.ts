import { afterAll, beforeAll } from 'vitest';
import { citySeed, cityMonths } from '../../../network/settings.ts';
import { generateCity } from '../../../systems/city/generate.ts';
import { startNetwork, type TestNetwork } from '../../kit/network.ts';

const ENTERPRISES = 1_000;

/** What the systems of {@link network} are filled with. */
export const city = generateCity({ seed: citySeed, enterprises: ENTERPRISES, months: cityMonths });

/**
 * A network without customs, where social security may be asked as often as one likes: one for every suite of
 * `asked-often.test.ts`, there from the first test on.
 */
export let network: TestNetwork;

beforeAll(async () => {
  network = await startNetwork({ enterprises: ENTERPRISES, env: { SOCIAL_SECURITY_RATE: '100000' } });
}, 120_000);
afterAll(() => network.stop());
