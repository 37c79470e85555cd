import { z } from 'zod';

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
