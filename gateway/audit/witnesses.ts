import { sealHash } from './chain.ts';
import type { Fault } from './fault.ts';
import { readFileLines } from './file-lines.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { SignedText } from '../keys/signer.ts';
import { readLine } from './lines.ts';
import { readSeal, type Witnesses } from './verify-chain.ts';

/** Gathers what is said of chains outside of themselves: in the openings of other chains, and in a copy of the seals. */
export class WitnessBook {
  readonly #chains = new Map<string, { records: Map<number, string>; seals: Map<number, string> }>();

  /** The chains of which something is said. */
  get chains(): string[] {
    return [...this.#chains.keys()];
  }

  of(chain: string): Witnesses {
    return this.#of(chain);
  }

  #of(chain: string): { records: Map<number, string>; seals: Map<number, string> } {
    const known = this.#chains.get(chain) ?? { records: new Map(), seals: new Map() };
    this.#chains.set(chain, known);
    return known;
  }

  /** Takes what an opening says of the other chains; one that is not signed says nothing. */
  hearOpening(signed: SignedText, keys: KeyRing): void {
    const seal = readSeal(signed.text);
    if (!seal?.opening || keys.check('seal', seal.key, signed) !== 'signed') return;
    for (const { chain, seq, hash } of seal.opening.others) this.#of(chain).records.set(seq, hash);
  }

  /** Reads a copy of the seals; says where it is not one. A last line without an end is what a hard stop leaves behind. */
  async readCopy(file: string, keys: KeyRing): Promise<Fault | undefined> {
    for await (const { bytes, line, byte, hasEnd } of readFileLines(file)) {
      if (!hasEnd) break;
      const read = readLine(bytes);
      const seal = read?.kind === 'seal' ? readSeal(read.text) : undefined;
      const place = { file, line, byte };
      if (read?.kind !== 'seal' || !seal) return { kind: 'unreadable', message: 'This is no seal.', ...place };
      if (keys.check('seal', seal.key, read) !== 'signed')
        return { kind: 'signature', message: `Seal ${seal.number} of ${seal.chain} is not signed.`, ...place };
      const { seals } = this.#of(seal.chain);
      // The seals before it hang on it by their hashes.
      seals.clear();
      seals.set(seal.number, sealHash(read.text));
    }
    return undefined;
  }
}
