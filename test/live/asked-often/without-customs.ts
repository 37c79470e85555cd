import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { projectRoot } from '../../../network/settings.ts';
import { askWith } from '../../kit/ask.ts';
import { network } from './network.ts';

test('a department that this network does without is a gap, where it may be asked at all', async () => {
  const query = readFileSync(`${projectRoot}schema/operations/trade.graphql`, 'utf8');
  const inspector = await askWith(network.headers['tax-inspector'], network.gatewayUrl, query);
  expect(inspector.data?.['enterprise']).toMatchObject({ customsDeclarations: null });
  expect(inspector.errors).toMatchObject([{ extensions: { code: 'SUBREQUEST_HTTP_ERROR', service: 'customs' } }]);
  const bank = await askWith(network.headers['bank-officer'], network.gatewayUrl, query);
  expect(bank.errors).toMatchObject([{ extensions: { rule: 'customs-trade' } }]);
});
