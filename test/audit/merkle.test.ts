import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { MerkleTree } from '../../gateway/audit/merkle.ts';

function leafOf(bytes: Buffer): Buffer {
  return hash('sha256', Buffer.concat([Buffer.of(0), bytes]), 'buffer');
}

/** RFC 9162, section 2.1.1, as it is written there. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return hash('sha256', '', 'buffer');
  if (leaves.length === 1) return leaves[0]!;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return hash(
    'sha256',
    Buffer.concat([Buffer.of(1), rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split))]),
    'buffer',
  );
}

test('gives the roots of the published test vectors of Certificate Transparency', () => {
  const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.add(leafOf(Buffer.from(leaf, 'hex')).toString('hex'));
  expect(tree.root()).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
});

test('gives the root that the definition gives, for every number of leaves', () => {
  const leaves = Array.from({ length: 130 }, (_, index) => leafOf(Buffer.from(String(index))));
  const tree = new MerkleTree();
  for (const [index, leaf] of leaves.entries()) {
    expect(tree.root()).toBe(rootOf(leaves.slice(0, index)).toString('hex'));
    tree.add(leaf.toString('hex'));
  }
});
