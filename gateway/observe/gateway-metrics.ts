import { collectDefaultMetrics, Registry } from 'prom-client';
import { gauge, RequestMetrics, type LabelBounds } from './request-metrics.ts';

/** What the parts of a gateway say of themselves when metrics are read. */
export interface PartStates {
  /** Whether the cache answers. Absent: there is none. */
  cacheIsUp: (() => boolean) | undefined;
  /** Absent: there is no trail. */
  trail: (() => { up: boolean; waiting: number }) | undefined;
}

/** The metrics of one gateway. */
export interface GatewayMetrics {
  registry: Registry;
  requests: RequestMetrics;
}

/** Makes the metrics of a gateway: of its requests, of its parts, and of its process. */
export function createMetrics({ cacheIsUp, trail }: PartStates, bounds: LabelBounds): GatewayMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  if (cacheIsUp) gauge(registers, 'switchyard_cache_up', 'Whether the cache answers', () => Number(cacheIsUp()));
  if (trail) {
    gauge(registers, 'switchyard_trail_up', 'Whether the trail can be written', () => Number(trail().up));
    gauge(registers, 'switchyard_trail_waiting', 'Records that wait to be written', () => trail().waiting);
  }
  return { registry, requests: new RequestMetrics(registry, bounds) };
}
