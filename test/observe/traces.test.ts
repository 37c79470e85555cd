import { writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { resolveConfig, type ConfigInput } from '../../gateway/config/config.ts';
import { verifyRequest } from '../../subgraphs/kit/verify-request.ts';
import { ask, askWith } from '../kit/ask.ts';
import { freePort, serveBare, temporaryFolder } from '../kit/department.ts';
import { serveFederation } from '../kit/served-federation.ts';
import { SIGNING_KEY, verifying } from '../kit/signed-request.ts';
import { collectTraces, type CollectedSpan } from './trace-collector.ts';

/** What a department was sent. */
interface Sent {
  headers: IncomingHttpHeaders;
  body: string;
  url: string;
}

/** Departments of a bookshop that always answer the same, and keep what they were sent. */
async function serveShop(config: ConfigInput = {}) {
  const sent: Sent[] = [];
  const answering = async (data: object): Promise<string> => {
    const server = await serveBare((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const url = `${server.url}${request.url}`;
        sent.push({ headers: request.headers, body: Buffer.concat(chunks).toString(), url });
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }));
      });
    });
    onTestFinished(() => server.close());
    return `${server.url}/graphql`;
  };
  const books = await answering({ book: { __typename: 'Book', id: '1', title: 'planted title' } });
  const stock = await answering({ _entities: [{ inStock: 3 }] });
  const federation = await serveFederation(
    {
      books: {
        sdl: 'type Query { book(id: ID): Book } type Book @key(fields: "id") { id: ID! title: String }',
        routingUrl: books,
      },
      stock: { sdl: 'type Book @key(fields: "id") { id: ID! inStock: Int }', routingUrl: stock },
    },
    { graphiql: false, ...config },
  );
  return { ...federation, sent };
}

/** Serves the shop with a collector, which has every span once the gateway is closed. */
async function traced(traces: ConfigInput['traces'] = {}, config: ConfigInput = {}) {
  const collector = await collectTraces();
  onTestFinished(() => collector.close());
  const shop = await serveShop({ ...config, traces: { endpoint: collector.endpoint, ratio: 1, ...traces } });
  return { ...shop, collector };
}

const BOOK = 'query Book($id: ID) { book(id: $id) { title inStock } }';
const CLIENT_TRACE = '0af7651916cd43dd8448eb211c80319c';
const CLIENT_SPAN = 'b7ad6b7169203331';

function named(spans: readonly CollectedSpan[], name: string): CollectedSpan {
  const found = spans.filter((span) => span.name === name);
  expect(found, name).toHaveLength(1);
  return found[0]!;
}

test('a request is a span, with one for each stage below it, and below execution one for each fetch', async () => {
  const { url, collector, close } = await traced();
  await ask(url, BOOK, { id: 'planted-id' });
  await close();
  const { spans, services } = collector;
  const request = named(spans, 'query Book');
  expect(request.parentSpanId ?? '').toBe('');
  for (const stage of ['prepare', 'authorise', 'plan', 'execute'])
    expect(named(spans, stage).parentSpanId).toBe(request.spanId);
  const execute = named(spans, 'execute');
  for (const department of ['books', 'stock']) expect(named(spans, department).parentSpanId).toBe(execute.spanId);
  expect(spans).toHaveLength(7);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  for (const { startMs, endMs } of spans) {
    expect(startMs).toBeGreaterThanOrEqual(request.startMs);
    expect(endMs).toBeLessThanOrEqual(request.endMs);
  }
  expect(named(spans, 'stock').startMs).toBeGreaterThanOrEqual(named(spans, 'books').endMs);
  expect(services).toEqual(new Set(['switchyard']));
});

test('spans say how it went, in names and figures, and nothing of what was asked or answered', async () => {
  const { url, collector, close } = await traced({ serviceName: 'city' });
  const headers = { 'x-request-id': 'r-1', 'apollographql-client-name': 'portal', authorization: 'planted secret' };
  await askWith(headers, url, BOOK, { id: 'planted-id' });
  await ask(url, '{ planted }');
  await close();
  const { spans } = collector;
  expect(named(spans, 'query Book')).toMatchObject({
    kind: 2,
    isError: false,
    attributes: {
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'Book',
      'switchyard.outcome': 'answered',
      'switchyard.request_id': 'r-1',
      'switchyard.client': 'portal',
      'http.response.status_code': 200,
    },
  });
  expect(named(spans, 'stock')).toMatchObject({
    kind: 3,
    attributes: { 'switchyard.department': 'stock', 'switchyard.rows': 1, 'http.response.status_code': 200 },
  });
  expect(named(spans, 'request').attributes).toMatchObject({ 'switchyard.outcome': 'refused' });
  expect(JSON.stringify(spans)).not.toMatch(/planted/);
  expect(collector.services).toEqual(new Set(['city']));
});

test('each department is told the span of its own fetch', async () => {
  const { url, collector, sent, close } = await traced();
  await ask(url, BOOK);
  await close();
  const told = sent.map(({ headers }) => headers['traceparent']);
  const expected = ['books', 'stock'].map((department) => {
    const { traceId, spanId } = named(collector.spans, department);
    return `00-${traceId}-${spanId}-01`;
  });
  expect(told).toEqual(expected);
});

test("a request belongs to its client's trace, whatever the ratio, and hands its state on", async () => {
  const { url, collector, sent, close } = await traced({ ratio: 0 });
  await askWith({ traceparent: `00-${CLIENT_TRACE}-${CLIENT_SPAN}-01`, tracestate: 'vendor=a:1' }, url, BOOK);
  await close();
  const { spans } = collector;
  expect(named(spans, 'query Book')).toMatchObject({ traceId: CLIENT_TRACE, parentSpanId: CLIENT_SPAN });
  for (const { headers } of sent) {
    expect(headers['traceparent']).toMatch(new RegExp(`^00-${CLIENT_TRACE}-[0-9a-f]{16}-01$`));
    expect(headers['tracestate']).toBe('vendor=a:1');
  }
});

test('what its client does not trace is not traced, and departments are told so', async () => {
  const { url, collector, sent, close } = await traced();
  await askWith({ traceparent: `00-${CLIENT_TRACE}-${CLIENT_SPAN}-00` }, url, BOOK);
  await close();
  expect(collector.spans).toEqual([]);
  expect(sent).toHaveLength(2);
  for (const { headers } of sent)
    expect(headers['traceparent']).toMatch(new RegExp(`^00-${CLIENT_TRACE}-[0-9a-f]{16}-00$`));
});

test('where clients do not decide what is traced, each request begins a trace', async () => {
  const { url, collector, close } = await traced({ joinClientTraces: false });
  await askWith({ traceparent: `00-${CLIENT_TRACE}-${CLIENT_SPAN}-00` }, url, BOOK);
  await close();
  expect(named(collector.spans, 'query Book').traceId).not.toBe(CLIENT_TRACE);
});

test('a trace that cannot be read is none, and nothing of it is handed on', async () => {
  const { url, collector, sent, close } = await traced();
  for (const traceparent of [
    'planted',
    `00-${'0'.repeat(32)}-${CLIENT_SPAN}-01`,
    `ff-${CLIENT_TRACE}-${CLIENT_SPAN}-01`,
  ])
    await askWith({ traceparent, tracestate: 'planted=1' }, url, BOOK);
  await close();
  expect(collector.spans.filter(({ name }) => name === 'query Book')).toHaveLength(3);
  for (const { headers } of sent) {
    expect(headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(headers['traceparent']).not.toContain(CLIENT_TRACE);
    expect(headers).not.toHaveProperty('tracestate');
  }
});

test('a signed request that says its trace can be verified', async () => {
  const folder = temporaryFolder();
  onTestFinished(() => folder.close());
  const keyFile = folder.file('key.pem');
  writeFileSync(keyFile, SIGNING_KEY.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const { url, sent, close } = await traced({}, { signing: { keyFile, keyId: SIGNING_KEY.keyId } });
  await ask(url, BOOK);
  await close();
  expect(sent).toHaveLength(2);
  for (const request of sent) {
    expect(request.headers['traceparent']).toMatch(/-01$/);
    expect(verifyRequest({ method: 'POST', ...request }, verifying())).toMatchObject({ ok: true });
  }
});

test('without traces departments are told of none', async () => {
  const { url, sent, close } = await serveShop();
  await askWith({ traceparent: `00-${CLIENT_TRACE}-${CLIENT_SPAN}-01` }, url, BOOK);
  await close();
  expect(sent).toHaveLength(2);
  for (const { headers } of sent) expect(headers).not.toHaveProperty('traceparent');
});

test('a collector that is away costs spans and no request, is told of once, and keeps no gateway from ending', async () => {
  const endpoint = `http://127.0.0.1:${await freePort()}/v1/traces`;
  const { url, logged, close } = await serveShop({ traces: { endpoint, ratio: 1 } });
  expect(await ask(url, BOOK)).toEqual({ data: { book: { title: 'planted title', inStock: 3 } } });
  await close();
  const told = logged.filter((line) => line.includes('traces cannot be sent'));
  expect(told).toHaveLength(1);
});

test("OpenTelemetry's variables switch traces on and off, and say where to and how many", () => {
  const tracesOf = (env: Record<string, string>, traces: ConfigInput['traces'] = {}) =>
    resolveConfig({ traces }, env).traces;
  const endpoint = 'http://settings:1/v1/traces';
  expect(tracesOf({}).endpoint).toBeUndefined();
  expect(tracesOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/' }, { endpoint }).endpoint).toBe(
    'http://c:4318/v1/traces',
  );
  expect(tracesOf({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:1/x' }).endpoint).toBe('http://c:1/x');
  expect(tracesOf({ OTEL_SDK_DISABLED: 'true' }, { endpoint }).endpoint).toBeUndefined();
  expect(tracesOf({ OTEL_TRACES_EXPORTER: 'none' }, { endpoint }).endpoint).toBeUndefined();
  expect(tracesOf({ OTEL_TRACES_SAMPLER_ARG: '0.5', OTEL_SERVICE_NAME: 'city' })).toMatchObject({
    ratio: 0.5,
    serviceName: 'city',
  });
  expect(() => tracesOf({ OTEL_TRACES_SAMPLER_ARG: 'half' })).toThrow('traces.ratio');
});
