import { z } from 'zod';
import { count, milliseconds } from './units.ts';

/** Settings of the trail. */
export const auditSchema = z.strictObject({
  /** Where it is kept: `off`, an SQLite file, or a PostgreSQL address (`postgres://`). */
  store: z.string().min(1).default('off'),
  /** Ed25519 keys that sign it, as PEM; made at the first start. The public ones stand beside it in `<file>.pub`. */
  keyFile: z.string().min(1).default('.switchyard/audit/key.pem'),
  /**
   * The secret that the names of its subjects are digested with; made at the first start. Gateways that share a store need
   * the same, and without it nobody can be found again.
   */
  secretFile: z.string().min(1).default('.switchyard/audit/subject-secret'),
  /**
   * Which claims of a caller are keys of entities that the caller is or acts for, by the claim's name: `{ uscc: 'Enterprise' }`.
   * They are shown who was given something of these. Records are about entities of these types, and of those with a field that has
   * an access class; where a type has several keys, the one that is called as the claim names its entities. Default: none.
   */
  subjectClaims: z.record(z.string().min(1), z.string().min(1)).default({}),
  /** What this gateway is called in it: letters, digits and `.`, `_`, `-`. */
  logSourceSystem: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'up to 64 letters, digits and . _ -')
    .default('switchyard'),
  /** How long a record may be without a seal: what has none could be taken from the end unseen. */
  sealEveryMs: milliseconds.default(1_000),
  /** After how many records there is a seal at the latest. */
  sealEveryRecords: count.max(100_000).default(1_000),
  /** A file elsewhere to which seals are copied, only ever appended to. Default: they are not */
  rootsCopyFile: z.string().min(1).optional(),
  /**
   * Has the newest seal time-stamped every so often by an authority (RFC 3161), so that not even who has the key can make records anew
   * later. Default: it is not
   */
  timeStamps: z
    .strictObject({
      /** Where the authority is asked over HTTP. */
      url: z.url({ protocol: /^https?$/ }),
      /** Certificates (PEM) that the authority's must lead to. Default: what is answered is kept, whoever has signed it */
      caFile: z.string().min(1).optional(),
      /** How often; where nothing was recorded since, not at all. */
      everyMs: milliseconds.default(60_000),
      /** How long the authority may take. No record waits for it; it is tried again later. */
      timeoutMs: milliseconds.default(10_000),
    })
    .optional(),
  /** Records that may wait to be written; requests beyond them are refused with 503. */
  maxQueue: count.default(10_000),
  /**
   * How long after one commit the next one begins at the latest, where many requests end: until then it waits for as long as more
   * keep coming, to be written together. Less answers sooner, more costs less.
   */
  gatherMs: z.number().int().min(0).max(1_000).default(10),
  /** How long a record may take to be durable before its request is refused with 503. */
  maxDelayMs: milliseconds.default(2_000),
  /**
   * Access classes whose reading need not be durable before it is answered, of whichever department; `unclassified` for fields
   * that have none. A query of such fields alone is answered while its record is still to be written, and loses it where the gateway is
   * killed. Default: none, and every answer waits.
   */
  soonClasses: z.array(z.string().min(1)).default([]),
});
