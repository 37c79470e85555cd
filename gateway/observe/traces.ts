import { ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type SpanExporter,
} from '@opentelemetry/sdk-trace';
import type { TracesConfig } from '../config/traces.ts';
import { RequestTraces } from './request-traces.ts';

/** What traces are made and sent by. */
export interface Traces {
  requests: RequestTraces;
  /** Sends what is still to be sent, as far as the collector takes it in time. */
  close(): Promise<void>;
}

/** How long the collector may take for spans; those that it does not take are lost. */
const EXPORT_TIMEOUT_MS = 5_000;

/**
 * Makes spans and sends them in batches, beside the requests: at most 2,048 wait, and more are lost.
 *
 * @param onProblem told once when they cannot be sent, and once more when they can be again (undefined)
 */
export function createTraces(
  { endpoint, ratio, joinClientTraces, serviceName }: TracesConfig & { endpoint: string },
  onProblem: (problem: Error | undefined) => void,
): Traces {
  const exporter = new OTLPTraceExporter({ url: endpoint, timeoutMillis: EXPORT_TIMEOUT_MS });
  const provider = new TracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.name': serviceName })),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: watched(exporter, onProblem),
        exportTimeoutMillis: EXPORT_TIMEOUT_MS + 1_000,
      }),
    ],
  });
  return {
    requests: new RequestTraces(provider.getTracer('switchyard'), joinClientTraces),
    // A collector that is away keeps no gateway from ending.
    close: () => provider.shutdown().catch(() => undefined),
  };
}

/** An exporter that sends as the other does, and tells when it cannot and when it can again. */
function watched(exporter: SpanExporter, onProblem: (problem: Error | undefined) => void): SpanExporter {
  let hasProblem = false;
  return {
    shutdown: () => exporter.shutdown(),
    export(spans, onResult) {
      exporter.export(spans, (result) => {
        const fails = result.code !== ExportResultCode.SUCCESS;
        if (fails !== hasProblem) onProblem(fails ? (result.error ?? new Error('not taken')) : undefined);
        hasProblem = fails;
        onResult(result);
      });
    },
  };
}
