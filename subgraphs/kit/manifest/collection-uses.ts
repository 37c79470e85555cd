import type { CollectionUse } from '../source-kind.ts';
import type { Manifest } from './manifest.ts';

export function collectionUses(_manifest: Manifest): Map<string, CollectionUse> {
  return new Map();
}
