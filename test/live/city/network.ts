import { afterAll, beforeAll, inject } from 'vitest';
import { citySeed, cityMonths } from '../../../network/settings.ts';
import { generateCity } from '../../../systems/city/generate.ts';
import { startNetwork, type TestNetwork } from '../../kit/network.ts';

const ENTERPRISES = 500;

/** What the systems of {@link network} are filled with. */
export const city = generateCity({ seed: citySeed, enterprises: ENTERPRISES, months: cityMonths });

/** What `npm start` brings up with a Redis: one network for every suite of `city.test.ts`, there from the first test on. */
export let network: TestNetwork;

beforeAll(async () => {
  network = await startNetwork({ enterprises: ENTERPRISES, streamsUrl: `${inject('redisUrl')}/7` });
}, 120_000);
afterAll(() => network.stop());
