import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { request, type Dispatcher } from 'undici';
import { KeyRing } from '../keys/key-ring.ts';
import { readBoundedText } from '../supergraph/bounded-text.ts';
import { SupergraphError } from '../supergraph/load.ts';
import type { SupergraphSource } from '../supergraph/source.ts';
import { verifySupergraph } from './signed-supergraph.ts';
import type { PublishedRules } from './version.ts';

export interface RegistrySourceOptions {
  /** Where the registry gives it: `https://registry.city.example/supergraph` */
  url: string;
  /** Sent along, such as `x-api-key`. */
  headers: Readonly<Record<string, string>>;
  /** The registry's public keys, 32 bytes in hex each. */
  publicKeys: readonly string[];
  /** Where the last good supergraph is kept, for a start while the registry is away. */
  lastGoodFile: string;
  /** Told where it cannot be kept. */
  onNotKept(error: unknown): void;
  lookEveryMs: number;
  timeoutMs: number;
  maxBytes: number;
  /** Connects. Default: undici's, which trusts Node's roots */
  dispatcher?: Dispatcher | undefined;
}

/** A supergraph that was found to be the registry's own. */
interface Accepted {
  readonly version: number;
  readonly supergraph: string;
  readonly rules: readonly PublishedRules[];
  readonly etag: string | undefined;
}

/**
 * The supergraph of a registry, taken only if it is signed by it. An older version than was seen before is not taken: who wants to go back
 * publishes a new one. While the registry is away the gateway goes on with what it has, and starts with the last good one.
 */
export function registrySource(options: RegistrySourceOptions): RegistrySupergraphSource {
  const source = new RegistrySource(options);
  return {
    description: `the registry at ${new URL(options.url).origin}`,
    lookEveryMs: options.lookEveryMs,
    mayBeHalfWritten: false,
    read: () => source.read(),
    rules: () => source.rules(),
    close: () => source.close(),
  };
}

/** A registry's supergraph, and the departments' rules that belong to it. */
export interface RegistrySupergraphSource extends SupergraphSource {
  /** The rules of the supergraph that was read last; before there is one it is read. @throws as `read` */
  rules(): Promise<readonly PublishedRules[]>;
}

class RegistrySource {
  readonly #options: RegistrySourceOptions;
  readonly #closing = new AbortController();
  #accepted: Accepted | undefined;

  constructor(options: RegistrySourceOptions) {
    this.#options = options;
  }

  async read(): Promise<string> {
    try {
      return (await this.#ask()).supergraph;
    } catch (error) {
      const { message } = error as Error;
      // At the start, and only then: afterwards who serves has the last good one already, and is to know that there is no newer.
      const kept = this.#accepted ? undefined : await this.#readLastGood(message);
      if (kept) return kept.supergraph;
      throw new SupergraphError(`The supergraph of the registry cannot be had: ${message}`, { cause: error });
    }
  }

  async rules(): Promise<readonly PublishedRules[]> {
    if (!this.#accepted) await this.read();
    return this.#accepted!.rules;
  }

  close(): void {
    this.#closing.abort();
  }

  async #ask(): Promise<Accepted> {
    const { url, headers, timeoutMs, maxBytes, dispatcher } = this.#options;
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)]);
    const conditions = this.#accepted?.etag === undefined ? {} : { 'if-none-match': this.#accepted.etag };
    const answer = await request(url, {
      headers: { ...headers, ...conditions },
      signal,
      ...(dispatcher && { dispatcher }),
    });
    if (answer.statusCode === 304 && this.#accepted) {
      await answer.body.dump();
      return this.#accepted;
    }
    const body = await readBoundedText(answer.body, maxBytes);
    if (answer.statusCode !== 200)
      throw new Error(`it was answered with status ${answer.statusCode}: ${body.slice(0, 300)}`);
    const accepted = this.#accept(body, answer.headers.etag);
    await this.#keep(body).catch((error: unknown) => this.#options.onNotKept(error));
    return accepted;
  }

  #accept(body: string, etag: string | string[] | undefined): Accepted {
    const verified = verifySupergraph(parse(body), new KeyRing(this.#options.publicKeys));
    if (!verified.ok) throw new Error(verified.problem);
    const { version } = verified.statement;
    const { supergraph, rules } = verified;
    if (this.#accepted && version < this.#accepted.version)
      throw new Error(`version ${version} was given after ${this.#accepted.version}`);
    this.#accepted = { version, supergraph, rules, etag: typeof etag === 'string' ? etag : undefined };
    return this.#accepted;
  }

  async #keep(body: string): Promise<void> {
    const { lastGoodFile } = this.#options;
    await mkdir(path.dirname(path.resolve(lastGoodFile)), { recursive: true });
    const beside = `${lastGoodFile}.${randomUUID()}`;
    await writeFile(beside, body);
    await rename(beside, lastGoodFile);
  }

  async #readLastGood(reason: string): Promise<Accepted | undefined> {
    const { lastGoodFile } = this.#options;
    const body = await readFile(lastGoodFile, 'utf8').catch(() => undefined);
    if (body === undefined) return undefined;
    try {
      return this.#accept(body, undefined);
    } catch (error) {
      const why = `${reason}; and of what ${lastGoodFile} has kept, ${(error as Error).message}`;
      throw new SupergraphError(`The supergraph of the registry cannot be had: ${why}`, { cause: error });
    }
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
