import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { closingAfterEach, temporaryFolder } from '../kit/department.ts';

const SUPERGRAPH = 'schema/supergraph.graphql';
const opened = closingAfterEach();
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function run(command: string, args: string[], env: Record<string, string> = {}) {
  const child = spawn(command, args, {
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return { child, output, exited };
}

async function servedUrl(output: { stdout: string }): Promise<string> {
  await vi.waitFor(() => expect(output.stdout).toContain('/graphql'), 60_000);
  return /http:\S+\/graphql/.exec(output.stdout)![0];
}

const serve = (...args: string[]) => run(process.execPath, ['bin/switchyard.js', 'serve', ...args]);

describe('switchyard serve', { timeout: 90_000 }, () => {
  test('serves any supergraph alone, and ends on SIGTERM although idle connections are open', async () => {
    const { child, output, exited } = serve('--supergraph', SUPERGRAPH, '--port', '0');
    const url = await servedUrl(output);
    expect((await fetch(new URL('/health', url))).status).toBe(200);
    const answer = await fetch(`${url}?query=${encodeURIComponent('{ __typename }')}`);
    expect(await answer.json()).toEqual({ data: { __typename: 'Query' } });
    const idle = connect(Number(new URL(url).port), '127.0.0.1');
    await once(idle, 'connect');
    const began = performance.now();
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    // After ten it would close any connection.
    expect(performance.now() - began).toBeLessThan(9_000);
    idle.destroy();
  });

  test('ends with npx, although npm does not tell it', async () => {
    const { child, output, exited } = run('npx', ['switchyard', 'serve', '--supergraph', SUPERGRAPH, '--port', '0']);
    const url = await servedUrl(output);
    child.kill('SIGTERM');
    await exited;
    await vi.waitFor(() => expect(fetch(url)).rejects.toThrow('fetch failed'), 2_000);
  });

  test('reads the rules again on SIGHUP', async () => {
    const folder = opened(temporaryFolder());
    const write = (id: string) =>
      writeFileSync(
        folder.file('tax.yaml'),
        `department: tax\nrules: [{ id: ${id}, text: Open., outcome: ALLOW, classes: '*' }]`,
      );
    const authorisation = { rules: folder.path, readEveryMs: 3_600_000 };
    writeFileSync(folder.file('settings.mjs'), `export default ${JSON.stringify({ authorisation })};`);
    write('first');
    const { child, output } = serve('--config', folder.file('settings.mjs'), '--supergraph', SUPERGRAPH, '--port', '0');
    const url = await servedUrl(output);
    const hash = async () => {
      const state = (await (await fetch(new URL('/ready', url))).json()) as { rules: { hash: string } };
      return state.rules.hash;
    };
    const before = await hash();
    write('second');
    child.kill('SIGHUP');
    await vi.waitFor(async () => expect(await hash()).not.toBe(before), 15_000);
  });

  test('says in one line that the supergraph is not there', async () => {
    const { output, exited } = serve('--supergraph', 'nowhere.graphql', '--port', '0');
    expect(await exited).toBe(1);
    expect(output.stderr).toMatch(/^The supergraph nowhere\.graphql cannot be read: .*\n$/);
  });

  test('says in one line that the port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened({ close: () => server.close() });
    const { port } = server.address() as AddressInfo;
    const { output, exited } = serve('--supergraph', SUPERGRAPH, '--port', String(port));
    expect(await exited).toBe(1);
    expect(output.stderr).toBe(`Port ${port} is taken: stop what listens there, or choose another with --port.\n`);
  });

  test('says which setting is wrong, and where', async () => {
    const folder = opened(temporaryFolder());
    writeFileSync(folder.file('settings.ts'), 'export default { http: { prot: 1 }, limits: { maxDepth: "deep" } };');
    const { output, exited } = serve('--config', folder.file('settings.ts'));
    expect(await exited).toBe(1);
    expect(output.stderr).toContain('The settings are wrong.');
    expect(output.stderr).toContain('"prot"');
    expect(output.stderr).toContain('limits.maxDepth');
  });

  test('says that a value on the command line is wrong', async () => {
    const { output, exited } = serve('--port', 'http');
    expect(await exited).toBe(1);
    expect(output.stderr).toContain('http.port');
  });
});

describe('switchyard', () => {
  test('tells what it can do', async () => {
    const { output, exited } = run(process.execPath, ['bin/switchyard.js', '--help']);
    expect(await exited).toBe(0);
    expect(output.stdout).toContain('serve');
    expect(output.stdout).toContain('compose');
  });

  test('composes the reference deployment to what is committed', async () => {
    const { output, exited } = run(process.execPath, ['bin/switchyard.js', 'compose', '--check']);
    expect(await exited).toBe(0);
    expect(output.stdout).toContain('is what the subgraphs compose to');
  });

  test('shows a composition error with department, file, line and what to do', async () => {
    const folder = opened(temporaryFolder());
    const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
    writeFileSync(
      folder.file('a.graphql'),
      `${link}\ntype Query { t: T }\ntype T @key(fields: "id") { id: ID! x: Int }`,
    );
    writeFileSync(folder.file('b.graphql'), `${link}\ntype T @key(fields: "id") {\n  id: ID!\n  x: String }`);
    const subgraph = (name: string) =>
      `  ${name}: { routing_url: "http://${name}.test", schema: { file: ${name}.graphql } }`;
    writeFileSync(folder.file('supergraph.yaml'), `subgraphs:\n${subgraph('a')}\n${subgraph('b')}\n`);
    const { output, exited } = run(process.execPath, [
      'bin/switchyard.js',
      'compose',
      '--config',
      folder.file('supergraph.yaml'),
      '--output',
      folder.file('s.graphql'),
    ]);
    expect(await exited).toBe(1);
    expect(output.stderr).toContain('FIELD_TYPE_MISMATCH');
    expect(output.stderr).toContain(`${folder.file('b.graphql')}:4:3 (b)`);
    expect(output.stderr).toContain('To do: Give the field the same type in every subgraph');
  });
});
