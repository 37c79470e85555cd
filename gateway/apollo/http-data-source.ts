import type { GatewayGraphQLResponse } from '@apollo/server-gateway-interface';
import { Agent, request } from 'undici';
import { GatewayFault } from '../errors.ts';
import { bufferBody } from '../execute/fetcher.ts';
import { readResponse } from '../execute/response.ts';
import type { DataSource } from './data-source.ts';

/** What a supergraph manager's requests are bound by. */
export interface HttpDataSourceLimits {
  timeoutMs: number;
  maxResponseBytes: number;
}

/**
 * Asks subgraphs over HTTP on behalf of supergraph managers, for their schemas and whether they are there. Clients'
 * operations do not come this way: the fetcher in `fetch/` does the same with less work.
 */
export class HttpDataSources {
  readonly #agent: Agent;
  readonly #timeoutMs: number;

  constructor({ timeoutMs, maxResponseBytes }: HttpDataSourceLimits) {
    this.#timeoutMs = timeoutMs;
    this.#agent = new Agent({ maxResponseSize: maxResponseBytes });
  }

  /** The data source of one subgraph. */
  open(name: string, url: string | undefined): DataSource {
    return {
      process: async ({ request: { http, query, variables, operationName } }): Promise<GatewayGraphQLResponse> => {
        if (!url) throw new GatewayFault('SUBREQUEST_HTTP_ERROR', `Subgraph ${name} has no URL.`);
        const { statusCode, body } = await request(url, {
          method: 'POST',
          headers: { ...Object.fromEntries(http?.headers ?? []), 'content-type': 'application/json' },
          body: JSON.stringify({ query, variables, operationName }),
          dispatcher: this.#agent,
          signal: AbortSignal.timeout(this.#timeoutMs),
        });
        const { data, errors } = readResponse(
          { httpStatus: statusCode, body: bufferBody(Buffer.from(await body.arrayBuffer())) },
          name,
        );
        return { data, ...(errors.length > 0 ? { errors } : {}) };
      },
    };
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }
}
