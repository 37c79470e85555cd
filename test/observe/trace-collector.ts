import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as a collector gets it, with attributes as plain values. */
export interface CollectedSpan {
  traceId: string;
  spanId: string;
  /** Absent where it begins the trace. */
  parentSpanId?: string;
  traceState?: string;
  name: string;
  kind: number;
  startMs: number;
  endMs: number;
  isError: boolean;
  attributes: Record<string, unknown>;
}

interface OtlpSpan extends Pick<CollectedSpan, 'traceId' | 'spanId' | 'parentSpanId' | 'traceState' | 'name' | 'kind'> {
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  status: { code?: number };
  attributes: { key: string; value: Record<string, unknown> }[];
}

interface OtlpTraces {
  resourceSpans: { resource: { attributes: OtlpSpan['attributes'] }; scopeSpans: { spans: OtlpSpan[] }[] }[];
}

/** A collector of OTLP over HTTP as JSON. */
export interface TraceCollector {
  endpoint: string;
  /** What it was sent, in the order in which spans ended. */
  spans: CollectedSpan[];
  /** Names of the services that sent it. */
  services: Set<unknown>;
  close(): Promise<void>;
}

/** Starts a collector on a free port, or on one that is said. */
export async function collectTraces(port = 0): Promise<TraceCollector> {
  const spans: CollectedSpan[] = [];
  const services = new Set<unknown>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as OtlpTraces;
      for (const { resource, scopeSpans } of resourceSpans) {
        services.add(plain(resource.attributes)['service.name']);
        spans.push(...scopeSpans.flatMap((scope) => scope.spans.map(collected)));
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${taken}/v1/traces`,
    spans,
    services,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function collected({ startTimeUnixNano, endTimeUnixNano, status, attributes, ...span }: OtlpSpan): CollectedSpan {
  return {
    ...span,
    startMs: Number(startTimeUnixNano) / 1e6,
    endMs: Number(endTimeUnixNano) / 1e6,
    isError: status.code === 2,
    attributes: plain(attributes),
  };
}

function plain(attributes: OtlpSpan['attributes']): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
