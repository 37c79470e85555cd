import { OperationTypeNode } from 'graphql';
import { expect, test } from 'vitest';
import { resolveConfig } from '../../gateway/config/config.ts';
import { Deadline } from '../../gateway/deadline.ts';
import { Departments } from '../../gateway/fetch/departments.ts';
import { createHttpFetcher } from '../../gateway/fetch/http-fetcher.ts';
import { transportsOf } from '../../gateway/fetch/transports.ts';
import { fetchTemplate } from '../../gateway/execute/fetch-template.ts';
import { readResponse } from '../../gateway/execute/response.ts';
import { closingAfterEach, serveBare } from '../kit/department.ts';

const opened = closingAfterEach();
const template = fetchTemplate(
  {
    kind: 'Fetch',
    serviceName: 'tax',
    operation: '{ a }',
    operationKind: OperationTypeNode.QUERY,
    operationName: undefined,
  },
  [],
);

async function ask(
  url: string,
  { timeIsOver, timeoutMs = 5_000 }: { timeIsOver?: Promise<void>; timeoutMs?: number } = {},
) {
  const config = resolveConfig({ allSubgraphs: { timeoutMs, maxConnections: 2, maxResponseBytes: 1_000 } }, {});
  const fetcher = opened(createHttpFetcher(transportsOf(new Map([['tax', url]]), config), new Departments(config)));
  const deadline = new Deadline(10_000);
  void timeIsOver?.then(() => deadline.end());
  const answer = await fetcher
    .fetch({ template, variablesText: '', representations: [] }, deadline)
    .finally(() => deadline.clear());
  return readResponse(answer, 'tax');
}

test.each([
  ['text that is not JSON', 200, '<html>', 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['JSON that is no answer', 200, '{"ok":true}', 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['data that is no object', 200, '{"data":[1]}', 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['errors that are no list', 200, '{"data":{},"errors":{}}', 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['no data and no error', 200, '{"data":null}', 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['nothing', 200, '', 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['a page of a broken proxy', 502, '<html>Bad Gateway</html>', 'SUBREQUEST_HTTP_ERROR'],
  ['more than it may', 200, `{"data":{"a":"${'x'.repeat(2_000)}"}}`, 'SUBREQUEST_TOO_LARGE'],
])('a department that answers %s', async (_name, status, body, code) => {
  const server = opened(await serveBare((_request, response) => response.writeHead(status).end(body)));
  await expect(ask(server.url)).rejects.toMatchObject({ code });
});

test('a department that answers errors with status 500 is heard', async () => {
  const server = opened(
    await serveBare((_request, response) => response.writeHead(500).end('{"errors":[{"message":"no"},7]}')),
  );
  expect(await ask(server.url)).toEqual({
    data: null,
    errors: [{ message: 'no' }, { message: 'The department reported an error without a message.' }],
  });
});

test('a department that never answers, or stops in the middle of it, is given up in time', async () => {
  const silent = opened(await serveBare(() => undefined));
  await expect(ask(silent.url, { timeoutMs: 200 })).rejects.toMatchObject({ code: 'SUBREQUEST_TIMEOUT' });
  const half = opened(await serveBare((_request, response) => response.writeHead(200).write('{"data":')));
  await expect(ask(half.url, { timeoutMs: 200 })).rejects.toMatchObject({ code: 'SUBREQUEST_TIMEOUT' });
});

test('a department that cuts the connection, or is not there', async () => {
  const cutting = opened(await serveBare((request) => request.socket.destroy()));
  await expect(ask(cutting.url)).rejects.toMatchObject({ code: 'SUBREQUEST_HTTP_ERROR' });
  await expect(ask('http://127.0.0.1:1/graphql')).rejects.toMatchObject({ code: 'SUBREQUEST_HTTP_ERROR' });
});

test('a request whose time is over is given up at once', async () => {
  const silent = opened(await serveBare(() => undefined));
  const over = Promise.withResolvers<void>();
  const asking = expect(ask(silent.url, { timeIsOver: over.promise })).rejects.toThrow(/time was over/);
  over.resolve();
  await asking;
});
