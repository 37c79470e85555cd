import { afterAll, beforeAll, expect, test } from 'vitest';
import { creditRegistry } from '../../subgraphs/credit-registry/department.ts';
import { serveDepartment, type RunningSubgraph } from '../../subgraphs/kit/subgraph.ts';
import { generateCity } from '../../systems/city/generate.ts';
import { seedCreditRegistry } from '../../systems/credit-registry/seed.ts';
import { startCreditRegistry, type RunningCreditRegistry } from '../../systems/credit-registry/service.ts';
import { ask } from '../kit/ask.ts';
import { askEntities, temporaryFolder } from '../kit/department.ts';

const { creditFiles } = generateCity({ enterprises: 250, months: 1 });
const [flagged] = creditFiles.filter(({ flags, loans }) => flags.length > 0 && loans.length > 1);
const folder = temporaryFolder();
let service: RunningCreditRegistry;
let subgraph: RunningSubgraph;

beforeAll(async () => {
  seedCreditRegistry(folder.file('credit.db'), creditFiles, 'test');
  service = await startCreditRegistry({ PORT: '0', CREDIT_REGISTRY_DATABASE_FILE: folder.file('credit.db') });
  subgraph = await serveDepartment(creditRegistry, { PORT: '0', CREDIT_REGISTRY_URL: service.url });
});
afterAll(async () => {
  await subgraph.close();
  await service.close();
  folder.close();
});

const FIELDS = `uscc loanCount outstandingCny synthetic flags { flagNo kind raisedOn }
  loans { loanNo lender purpose grantedOn dueOn principalCny outstandingCny state }`;

test('a file is what lenders reported, the newest loans first, over a service without federation', async () => {
  const { uscc, loans, flags } = flagged!;
  const before = service.stats.requests;
  const answer = await ask(subgraph.url, `{ creditFile(uscc: "${uscc}") { ${FIELDS} enterprise { uscc } } }`);
  expect(answer).toEqual({
    data: {
      creditFile: {
        ...{ uscc, enterprise: { uscc }, synthetic: true, loanCount: loans.length },
        outstandingCny: loans.reduce((sum, { outstandingCny }) => sum + outstandingCny, 0),
        flags: flags.toSorted((one, other) => (one.raisedOn < other.raisedOn ? 1 : -1)),
        loans: loans.toSorted((one, other) => (one.grantedOn < other.grantedOn ? 1 : -1)),
      },
    },
  });
  expect(service.stats.requests - before).toBe(2);
});

test('a hundred enterprises with their newest loans are four requests, and every file fits the graph', async () => {
  const keys = creditFiles.slice(0, 100).map(({ uscc }) => ({ __typename: 'Enterprise', uscc }));
  const before = service.stats.requests;
  const answer = await askEntities(subgraph.url, keys, `... on Enterprise { creditFile { ${FIELDS} } }`);
  expect(answer.errors).toBeUndefined();
  expect(answer.data?._entities).toMatchObject(keys.map(({ uscc }) => ({ creditFile: { uscc } })));
  expect(service.stats.requests - before).toBe(4);
});

test('what the registry does not know is null, and what is no code is not even asked for', async () => {
  const before = service.stats.requests;
  const keys = ['999999999999999999', 'a', '"}'].map((uscc) => ({ __typename: 'Enterprise', uscc }));
  const answer = await askEntities(subgraph.url, keys, '... on Enterprise { uscc creditFile { loanCount } }');
  expect(answer.data?._entities.map((each) => each?.['creditFile'])).toEqual([null, null, null]);
  expect(service.stats.requests - before).toBe(1);
});

test('more loans than may be asked for are refused before anything is', async () => {
  const answer = await askEntities(
    subgraph.url,
    [{ __typename: 'CreditFile', uscc: flagged!.uscc }],
    '... on CreditFile { loans(first: 51) { loanNo } }',
  );
  expect(answer.errors).toMatchObject([
    { message: 'first is 51; it must be from 1 to 50.', extensions: { code: 'BAD_USER_INPUT' } },
  ]);
});
