import { z } from 'zod';
import { count } from './config-units.ts';

/** Settings of the metrics. */
export const metricsSchema = z.strictObject({
  /**
   * Port of a server of its own for `GET /metrics`, in the format of Prometheus; 0 takes any free one. Default: none. Nobody is asked who
   * they are there, and what it tells is for those who run the gateway: names of operations, of clients and of departments, and how each is used.
   * Of several workers each has the next port after it.
   */
  port: z.number().int().min(0).max(65_535).optional(),
  /** Address that this server listens on. */
  host: z.string().default('127.0.0.1'),
  /** Whether `/metrics` is served beside the graph too: to whoever can reach the graph. */
  besideGraph: z.boolean().default(false),
  /** Names of operations that are told apart; those of saved operations come first, and what is beyond is `other`. */
  maxOperations: count.default(100),
  /** Names of clients that are told apart; what is beyond is `other`. */
  maxClients: count.default(50),
});

/** Settings of the lines that requests leave in the log. */
export const requestLogSchema = z.strictObject({
  /**
   * Of which requests there is a line: `all`; `slow`, from `slowMs` on; `failed`, whose answer has no data or an error that is not a rule's. An
   * empty list for none. A line has names, codes and times, never a variable or a value.
   */
  requests: z.array(z.enum(['all', 'slow', 'failed'])).default(['slow', 'failed']),
  /** From how many milliseconds on a request is slow. */
  slowMs: z.number().int().min(0).max(3_600_000).default(1_000),
});

/** Settings of the requests' lines with every default filled in. */
export type RequestLogConfig = z.output<typeof requestLogSchema>;

/** Settings of the traces. */
export const tracesSchema = z.strictObject({
  /**
   * Where spans are sent, by OTLP over HTTP as JSON: `http://127.0.0.1:4318/v1/traces`. Headers for it come from
   * `OTEL_EXPORTER_OTLP_HEADERS`. Default: none, and nothing is traced.
   */
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
  /** Which part of the requests is traced that are part of no trace yet. */
  ratio: z.number().min(0).max(1).default(0.1),
  /**
   * Whether a request belongs to the trace that its `traceparent` names, and is traced where that is. Set it to false where clients are not to decide
   * how much is traced: then each request begins a trace.
   */
  joinClientTraces: z.boolean().default(true),
  /** What the gateway is called in traces. */
  serviceName: z.string().min(1).default('switchyard'),
});

/** Settings of the traces with every default filled in. */
export type TracesConfig = z.output<typeof tracesSchema>;

/**
 * The settings with what the environment says by OpenTelemetry's names: `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, or `OTEL_EXPORTER_OTLP_ENDPOINT` that
 * `/v1/traces` is added to; `OTEL_TRACES_SAMPLER_ARG`, the ratio; `OTEL_SERVICE_NAME`; and off by `OTEL_SDK_DISABLED=true` or
 * `OTEL_TRACES_EXPORTER=none`. They are checked afterwards, like the settings.
 *
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function tracesFromEnvironment(
  traces: TracesConfig,
  env: Readonly<Record<string, string | undefined>>,
): Record<keyof TracesConfig, unknown> {
  const isOff = env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none';
  const base = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const named = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || (base && `${base.replace(/\/$/, '')}/v1/traces`);
  const ratio = env['OTEL_TRACES_SAMPLER_ARG'];
  return {
    ...traces,
    endpoint: isOff ? undefined : named || traces.endpoint,
    ratio: ratio ? Number(ratio) : traces.ratio,
    serviceName: env['OTEL_SERVICE_NAME'] || traces.serviceName,
  };
}
