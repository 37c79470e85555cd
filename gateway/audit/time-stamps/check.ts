import type { Opening, Seal } from '../chain.ts';
import type { ChainReport, Fault } from '../fault.ts';
import { readSeal, type CheckedItem } from '../verify-chain.ts';
import { implausible, readTimeStamp, type Attestation, type TimeStampReport } from './time-stamp.ts';
import type { Stamped } from './token.ts';

type TokenChecker = (token: string, text: string) => Promise<Stamped>;

/** Checks the tokens of time stamps, whose place in the chain was checked before; and gathers what they attest. */
export class TimeStampCheck {
  readonly #isTrusted: boolean;
  readonly #attested = new Map<string, Attestation>();
  #checkToken: TokenChecker | undefined;
  #seal: { readonly seal: Seal; readonly text: string } | undefined;
  /** Of the chain, until a time stamp holds for it too. */
  #opening: (Opening & Pick<Seal, 'time'>) | undefined;
  #count = 0;

  private constructor(checkToken: TokenChecker | undefined) {
    this.#isTrusted = checkToken !== undefined;
    this.#checkToken = checkToken;
  }

  /**
   * @param caFile certificates that the authorities' must lead to. Default: whoever has signed is believed
   * @throws TrailError and the system's errors, where the file holds none
   */
  static async open(caFile: string | undefined): Promise<TimeStampCheck> {
    return new TimeStampCheck(caFile === undefined ? undefined : await openTokens(caFile));
  }

  /** Says what is wrong with a token. */
  async take(item: CheckedItem): Promise<Pick<Fault, 'kind' | 'message' | 'seal'> | undefined> {
    if (item.kind === 'seal') this.#takeSeal(item.text);
    if (item.kind !== 'stamp' || !this.#seal) return undefined;
    const { seal, text } = this.#seal;
    this.#checkToken ??= await openTokens();
    const place = { seal: seal.number };
    try {
      const { time, by } = await this.#checkToken(readTimeStamp(item.text)!.token, text);
      const message = implausible(time, seal.time);
      if (message !== undefined) return { kind: 'time', message, ...place };
      this.#attest({ time: time.toISOString(), by });
      return undefined;
    } catch (error) {
      return { kind: 'stamp', message: `Time stamp of seal ${seal.number}: ${(error as Error).message}`, ...place };
    }
  }

  /** @param chains those that were checked: what is attested of others, or of what is not there, is of no use */
  report(chains: readonly ChainReport[]): TimeStampReport {
    const attested = chains.flatMap(({ chain, last }) => {
      const found = this.#attested.get(chain);
      return found && found.seq <= last ? [found] : [];
    });
    return { count: this.#count, isTrusted: this.#isTrusted, attested };
  }

  #takeSeal(text: string): void {
    const seal = readSeal(text)!;
    if (seal.chain !== this.#seal?.seal.chain) this.#opening = seal.opening && { ...seal.opening, time: seal.time };
    this.#seal = { seal, text };
  }

  #attest(said: Pick<Attestation, 'time' | 'by'>): void {
    this.#count += 1;
    const { chain, last: seq, time: sealedAt } = this.#seal!.seal;
    this.#attested.set(chain, { chain, seq, sealedAt, ...said });
    for (const other of this.#opening?.others ?? []) {
      const known = this.#attested.get(other.chain);
      if (known && known.seq >= other.seq) continue;
      this.#attested.set(other.chain, { chain: other.chain, seq: other.seq, sealedAt: this.#opening!.time, ...said });
    }
    this.#opening = undefined;
  }
}

/** Loads what it takes to read a token, which nobody needs who has none. */
async function openTokens(caFile?: string): Promise<TokenChecker> {
  const { checkToken, readAuthorities } = await import('./token.ts');
  const trusted = caFile === undefined ? undefined : await readAuthorities(caFile);
  return (token, text) => checkToken(new Uint8Array(Buffer.from(token, 'base64')), { text, trusted });
}
