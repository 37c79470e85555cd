import { hash } from 'node:crypto';

/** The root over nothing: the hash of no bytes (RFC 9162, section 2.1.1). */
const EMPTY_ROOT = hash('sha256', '');

/**
 * Grows a Merkle tree leaf by leaf and knows its root at any time, as RFC 9162 (section 2.1.1) defines it; takes memory for the
 * right edge of the tree only. Leaves come hashed with the prefix 0x00, nodes are hashed with 0x01, so that neither can be taken for
 * the other.
 */
export class MerkleTree {
  /** Roots of complete subtrees, the largest first: one for each bit that is set in the number of leaves. */
  readonly #edge: Buffer[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param leafHash 32 bytes */
  add(leafHash: Buffer): void {
    let node = leafHash;
    for (let size = this.#size; size % 2 === 1; size = (size - 1) / 2) node = hashNode(this.#edge.pop()!, node);
    this.#edge.push(node);
    this.#size += 1;
  }

  /** In hex. */
  root(): string {
    if (this.#size === 0) return EMPTY_ROOT;
    return this.#edge.reduceRight((right, left) => hashNode(left, right)).toString('hex');
  }
}

function hashNode(left: Buffer, right: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(65);
  bytes[0] = 1;
  left.copy(bytes, 1);
  right.copy(bytes, 33);
  return hash('sha256', bytes, 'buffer');
}
