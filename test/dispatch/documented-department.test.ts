import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { Delivery, DeliveryError } from '../../gateway/dispatch/delivery.ts';
import { keyDirectory } from '../../gateway/fetch/signing-key.ts';
import { closingAfterEach, freePort, temporaryFolder } from '../kit/department.ts';
import { SIGNING_KEY } from '../kit/signed-request.ts';
import { openWebhook } from './department.ts';
import { deliveryOf, unhurried } from './receiver-contract.ts';

const closing = closingAfterEach();
const KIT = new URL('../../subgraphs/kit/index.ts', import.meta.url).href;

test('the program of docs/dispatch.md takes what is dispatched once, also where it is killed and started again', async () => {
  const folder = closing(temporaryFolder());
  const keys = generateKeyPairSync('ed25519');
  writeFileSync(folder.file('gateway-keys.json'), keyDirectory(SIGNING_KEY));
  writeFileSync(folder.file('receipt-key.pem'), keys.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  writeFileSync(folder.file('analysis.pub'), keys.publicKey.export({ format: 'pem', type: 'spki' }));
  writeFileSync(folder.file('main.mts'), documentedProgram());
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/deliveries`;
  const receiver = closing(await openWebhook(url, { receiptKeyFile: folder.file('analysis.pub') }));
  const columns = ['uscc', 'name'].map((name) => ({ name, type: 'text' as const }));
  const first = deliveryOf({
    columns,
    rows: [
      ['1', '厦门'],
      ['2', null],
    ],
  });
  const second = deliveryOf({ columns, run: 2, content: 'changes', rows: [['3', 'three']], removed: [['2']] });
  /** Until the program listens. */
  const deliver = async (delivery: Delivery): Promise<void> => {
    const delivering = () => receiver.deliver(delivery, unhurried()).catch(codeOf);
    await expect.poll(delivering, { timeout: 10_000 }).toMatchObject({ receiver: 'analysis' });
  };
  const before = start(folder.path, port);
  await deliver(first);
  before.kill('SIGKILL');
  await once(before, 'exit');
  const after = start(folder.path, port);
  await deliver(first);
  await deliver(second);
  after.kill();
  await once(after, 'exit');
  const database = closing(new DatabaseSync(folder.file('analysis.sqlite')));
  const all = (table: string) =>
    database
      .prepare(`SELECT * FROM ${table}`)
      .all()
      .map((row) => Object.values(row));
  expect(all('enterprise')).toEqual([
    ['1', '厦门'],
    ['3', 'three'],
  ]);
  expect(all('switchyard_deliveries').map(([key]) => key)).toEqual(['d1:1:1', 'd1:2:1']);
});

const codeOf = ({ code }: DeliveryError): string => code;

/** With the kit's sources in the place of the package, and an end with this test. */
function documentedProgram(): string {
  const page = readFileSync(new URL('../../docs/dispatch.md', import.meta.url), 'utf8');
  const [, program = ''] = /```ts\n(\/\/ analysis\/main\.ts\n[^]*?)```/.exec(page) ?? [];
  return `${program.replace("'switchyard/subgraph'", `'${KIT}'`)}\nprocess.on('disconnect', () => process.exit());\n`;
}

function start(cwd: string, port: number): ChildProcess {
  const env = { ...process.env, PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}/deliveries` };
  return spawn(process.execPath, ['main.mts'], { cwd, env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}
