import { SupergraphError } from '../supergraph/load.ts';
import type { SupergraphSource } from '../supergraph/source.ts';

/** Who is told what a watch sees. */
export interface SupergraphWatcher {
  /** The supergraph is another than before, and whole. */
  onFound(sdl: string): void;
  /** It cannot be had; told once for as long as it is for the same reason. */
  onMissing(error: SupergraphError): void;
}

/** Gateways that were started together do not all look at the same time: each waits this much more or less. */
const JITTER = 0.1;

/** Looks at a source over and over, and tells of changes. Supergraphs are told apart by their texts: no change can be missed. */
export class SupergraphWatch {
  readonly #source: SupergraphSource;
  readonly #watcher: SupergraphWatcher;
  #timer: NodeJS.Timeout | undefined;
  /** What was told last, supergraph or reason: it need not be told again. */
  #told: string;
  /** What was seen last. */
  #seen: string;
  #underway: Promise<void> | undefined;
  #isClosed = false;

  /** @param served the supergraph that the watcher has already */
  constructor(source: SupergraphSource, served: string, watcher: SupergraphWatcher) {
    this.#source = source;
    this.#watcher = watcher;
    this.#told = this.#seen = served;
    this.#lookLater();
  }

  /** Looks now, and tells of what is there as it is; resolves once that is told. Never rejects. */
  async lookNow(): Promise<void> {
    // What was begun before may have read what was there before.
    await this.#underway;
    await this.#look(true);
  }

  /** Looks no more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#source.close();
  }

  #lookLater(): void {
    const factor = 1 + JITTER * (2 * Math.random() - 1);
    this.#timer = setTimeout(() => void this.#lookAgain(), this.#source.lookEveryMs * factor);
    this.#timer.unref();
  }

  async #lookAgain(): Promise<void> {
    await this.#look(false);
    if (!this.#isClosed) this.#lookLater();
  }

  #look(atOnce: boolean): Promise<void> {
    return (this.#underway ??= this.#lookOnce(atOnce).finally(() => (this.#underway = undefined)));
  }

  async #lookOnce(atOnce: boolean): Promise<void> {
    const found = await this.#source.read().catch((error: unknown) => toSupergraphError(error));
    if (this.#isClosed) return;
    const text = typeof found === 'string' ? found : found.message;
    const isStill = text === this.#seen;
    this.#seen = text;
    if (text === this.#told) return;
    if (this.#source.mayBeHalfWritten && !isStill && !atOnce) return;
    this.#told = text;
    if (typeof found === 'string') this.#watcher.onFound(found);
    else this.#watcher.onMissing(found);
  }
}

/** Whatever it is, there is a supergraph to go by. */
function toSupergraphError(error: unknown): SupergraphError {
  return error instanceof SupergraphError ? error : new SupergraphError(String(error), { cause: error });
}
