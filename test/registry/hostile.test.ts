/** What a registry makes of those who mean it no good, or are slow. */
import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resolveConfig } from '../../gateway/config/config.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { Trier } from '../../gateway/registry/trier.ts';
import { openSupergraphSource } from '../../gateway/serving/open-source.ts';
import { startRegistry } from '../../gateway/start-registry.ts';
import { projectRoot } from '../../network/settings.ts';
import { makeFolder, type TestFolder } from '../kit/folder.ts';
import { openRegistry, registrySettings, type TestRegistry } from './registry-kit.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 300;
const THREAD = pathToFileURL(join(projectRoot, 'gateway/registry-thread.ts'));
const SDL = 'type Query { rate: Int }';

let folder: TestFolder;
let registry: TestRegistry;
beforeEach(async () => {
  folder = await makeFolder('switchyard-hostile-');
  registry = await openRegistry(folder.path, { requestTimeoutMs: TIMEOUT_MS });
});
afterEach(async () => {
  await registry.close();
  await folder.remove();
});

test.each([
  ['an address with a password', { routingUrl: 'http://user:secret@tax.example/' }],
  ['an address that is not of HTTP', { routingUrl: 'file:///etc/passwd' }],
  ['a file called by several lines', { origin: 'tax.graphql\nmarket.graphql' }],
  ['a file called by what speaks to terminals', { origin: '\u001B[2Jtax.graphql' }],
])('%s is not published', async (_what, part) => {
  const change = { kind: 'publish', name: 'tax', sdl: SDL, routingUrl: 'http://tax.example/', origin: 'x', ...part };
  const answer = await registry.ask('tax', 'POST', 'changes', change);
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'PUBLISH_INVALID' } }] } });
  expect(JSON.stringify(answer)).not.toContain('secret');
});

/** Sends the beginning of a request, and resolves with what came back until the connection ended. */
function sendBeginning(...lines: string[]): Promise<string> {
  const { hostname, port } = new URL(registry.url);
  return new Promise((resolve, reject) => {
    let came = '';
    const socket = connect(Number(port), hostname, () => socket.write(lines.join('\r\n')));
    socket.setEncoding('utf8').on('data', (chunk: string) => (came += chunk));
    socket.on('close', () => resolve(came)).on('error', reject);
  });
}

test('a request that does not come in is given up, and keeps no stop waiting', async () => {
  const beginning = ['POST /changes HTTP/1.1', 'host: x', 'x-api-key: tax', 'content-type: application/json'];
  const sent = sendBeginning(...beginning, 'content-length: 100', '', '{"kind":');
  await expect.poll(() => registry.ask(undefined, 'GET', 'health')).toMatchObject({ status: 200 });
  const beganMs = performance.now();
  await registry.close();
  expect(performance.now() - beganMs).toBeLessThan(TIMEOUT_MS + 5_000);
  await sent;
});

test('who does not prove who they are is refused before their request is read', async () => {
  const came = await sendBeginning(
    'POST /changes HTTP/1.1',
    'host: x',
    'connection: close',
    'content-length: 999999',
    '',
    '',
  );
  expect(came).toMatch(/^HTTP\/1\.1 401 /);
});

test('what is printed of others cannot speak to the terminal', async () => {
  await registry.publish('tax', 'tax', SDL);
  const change = {
    kind: 'publish',
    name: 'rates',
    sdl: 'type Query { more: Int }',
    routingUrl: 'http://x/',
    origin: 'x',
  };
  await registry.ask('tax', 'POST', 'changes', { ...change, message: 'a\u001B[2J\u009B2Jb' });
  const args = ['registry', 'history', '--registry', registry.url];
  const env = { ...process.env, SWITCHYARD_REGISTRY_KEY: 'tax' };
  const program = [join(projectRoot, 'bin/switchyard.js'), ...args];
  const { stdout } = await run(process.execPath, program, { env });
  expect(stdout).toContain('a\uFFFD[2J\uFFFD2Jb');
});

test('a thread for trials that takes too long is ended, and the next question has another', async () => {
  const trier = new Trier(THREAD, 1);
  const question = { subgraphs: [], contracts: [], before: undefined };
  await expect(trier.try(question)).rejects.toMatchObject({ code: 'TRIAL_TIMEOUT' });
  await expect(trier.try(question)).rejects.toMatchObject({ code: 'TRIAL_TIMEOUT' });
  await trier.close();
  await expect(trier.try(question)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
});

test('a registry over HTTPS is asked by the command line, and by gateways, that know its root, and by no others', async () => {
  const [certFile, keyFile] = [join(folder.path, 'cert.pem'), join(folder.path, 'tls-key.pem')];
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const name = ['-subj', '/CN=registry', '-addext', 'subjectAltName=IP:127.0.0.1'];
  await run('openssl', ['req', '-x509', ...ec, ...name, '-keyout', keyFile, '-out', certFile]);
  const settings = registrySettings(folder.path, { tls: { certFile, keyFile } });
  const safe = await startRegistry(resolveConfig(settings, {}), createLog({ write: () => {} }));
  try {
    expect(safe.url).toMatch(/^https:/);
    await registry.publish('tax', 'tax', SDL);
    const program = [join(projectRoot, 'bin/switchyard.js'), 'registry', 'history', '--registry', safe.url];
    const env = { ...process.env, SWITCHYARD_REGISTRY_KEY: 'tax' };
    await expect(run(process.execPath, program, { env })).rejects.toMatchObject({
      stderr: expect.stringContaining('self-signed certificate') as string,
    });
    expect((await run(process.execPath, [...program, '--ca', certFile], { env })).stdout).toContain('publish');
    const reload = { publicKeyFile: registry.publicKeyFile, headers: { 'x-api-key': 'gateway' } };
    const source = (caFile?: string) => {
      const more = { lastGoodFile: join(folder.path, 'last-good.json'), ...(caFile === undefined ? {} : { caFile }) };
      const config = resolveConfig({ supergraph: `${safe.url}/supergraph`, reload: { ...reload, ...more } }, {});
      return openSupergraphSource(config, createLog({ write: () => {} }));
    };
    await expect((await source()).read()).rejects.toThrow('self-signed certificate');
    expect(await (await source(certFile)).read()).toContain('rate: Int');
    await expect(source(keyFile)).rejects.toThrow('holds no certificate as PEM');
  } finally {
    await safe.close();
  }
});

test('a registry whose key file was lost says that gateways will not know what it signs', async () => {
  await registry.publish('tax', 'tax', SDL);
  const logged: string[] = [];
  const start = async (keyFile: string): Promise<void> => {
    const config = resolveConfig(registrySettings(folder.path, { keyFile }), {});
    await (await startRegistry(config, createLog({ write: (line) => logged.push(line) }))).close();
  };
  await start(join(folder.path, 'registry-key.pem'));
  expect(logged).toEqual([]);
  await start(join(folder.path, 'new-key.pem'));
  expect(logged).toEqual([expect.stringContaining('the newest version is signed with another key')]);
});
