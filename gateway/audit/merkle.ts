import { hash } from 'node:crypto';

/** The root over nothing: the hash of no bytes (RFC 9162, section 2.1.1). */
const EMPTY_ROOT = hash('sha256', '');

/**
 * Grows a Merkle tree leaf by leaf and knows its root at any time, as RFC 9162 (section 2.1.1) defines it; takes memory for the
 * right edge of the tree only. Leaves come hashed with the prefix 0x00, nodes are hashed with 0x01, so that neither can be taken for
 * the other.
 */
export class MerkleTree {
  /** Roots of complete subtrees in hex, the largest first: one for each bit that is set in the number of leaves. */
  readonly #edge: string[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param leafHash in hex */
  add(leafHash: string): void {
    let node = leafHash;
    for (let size = this.#size; size % 2 === 1; size = (size - 1) / 2) node = hashNode(this.#edge.pop()!, node);
    this.#edge.push(node);
    this.#size += 1;
  }

  /** In hex. */
  root(): string {
    if (this.#size === 0) return EMPTY_ROOT;
    return this.#edge.reduceRight((right, left) => hashNode(left, right));
  }
}

const HASH_BYTES = 32;
/** Filled anew for each node. */
const nodeBytes = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

function hashNode(left: string, right: string): string {
  nodeBytes.write(left, 1, HASH_BYTES, 'hex');
  nodeBytes.write(right, 1 + HASH_BYTES, HASH_BYTES, 'hex');
  // Hex is what it costs least to be given by the library; bytes are more than twice as dear.
  return hash('sha256', nodeBytes);
}
