import { archiveId, type ArchivedChain, type Manifest } from './archive.ts';
import { sealHash } from './chain.ts';
import { KeyRing } from '../keys/key-ring.ts';
import type { Signer } from '../keys/signer.ts';
import type { PruneNote, TrailStore } from './store.ts';
import { TrailError } from './trail-error.ts';
import { readManifest, verifyArchive } from './verify-archive.ts';
import type { VerifyOptions } from './verify-store.ts';

/**
 * Deletes from the store what an archive holds, and leaves a signed note in its place, so that the rest still verifies. What is not
 * in the store any more is passed over.
 *
 * @returns the chains of which something was deleted
 * @throws TrailError where the archive does not verify or is of another trail
 */
export async function pruneArchived(
  store: TrailStore,
  signer: Signer,
  { folder, ...options }: { folder: string } & Pick<VerifyOptions, 'onProgress'>,
): Promise<ArchivedChain[]> {
  const report = await verifyArchive(folder, options);
  const [fault] = report.faults;
  if (fault) throw new TrailError(`The archive does not verify, so nothing is deleted: ${fault.message}`);
  await store.addKeys(signer.announcements);
  const keys = new KeyRing();
  for (const each of await store.keys()) keys.announce(each);
  const manifest = await readManifest(folder, keys);
  if ('kind' in manifest) throw new TrailError(`The archive is not of this trail: ${manifest.message}`);
  const pruned: ArchivedChain[] = [];
  for (const archived of manifest.chains)
    if (await pruneChain(store, signer, { archived, manifest })) pruned.push(archived);
  return pruned;
}

async function pruneChain(
  store: TrailStore,
  signer: Signer,
  { archived, manifest }: { archived: ArchivedChain; manifest: Manifest & { text: string } },
): Promise<boolean> {
  const { chain, end } = archived;
  const [seal] = await store.seals(chain, end.seal - 1, 1);
  if (seal?.number !== end.seal) return false;
  if (sealHash(seal.text) !== end.sealHash)
    throw new TrailError(`Seal ${end.seal} of chain ${chain} is another one in the store: run audit verify.`);
  const note: PruneNote = {
    chain,
    ...end,
    time: new Date().toISOString(),
    archive: archiveId(manifest.text),
    key: signer.keyId,
  };
  await store.prune(note, signer.sign('note', JSON.stringify(note)));
  return true;
}
