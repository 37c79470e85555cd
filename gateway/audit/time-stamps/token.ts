import { hash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fromBER, Integer, ObjectIdentifier, OctetString, Sequence } from 'asn1js';
import {
  AlgorithmIdentifier,
  Certificate,
  ContentInfo,
  ExtKeyUsage,
  getCrypto,
  MessageImprint,
  PKIStatusInfo,
  SignedData,
  TimeStampReq,
  TSTInfo,
  type SchemaType,
  type SignerInfo,
} from 'pkijs';
import { TrailError } from '../trail-error.ts';

const SHA_256 = '2.16.840.1.101.3.4.2.1';
const SHA_1 = '1.3.14.3.2.26';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12';
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const GRANTED = 0;
const GRANTED_WITH_MODS = 1;
const PEM = /-----BEGIN CERTIFICATE-----([\s\S]+?)-----END CERTIFICATE-----/g;

/** What a token says, once all of it was checked. */
export interface Stamped {
  /** When what it is over was there, by the authority's clock. */
  readonly time: Date;
  /** The subject of the certificate that signed. */
  readonly by: string;
}

/** What a token is checked against. */
export interface TokenCheck {
  /** What it must be over. */
  readonly text: string;
  /** Certificates that the signer's must lead to. Default: whoever has signed is believed */
  readonly trusted?: readonly Certificate[] | undefined;
  /** What the request said, where this is the answer to one. */
  readonly nonce?: Uint8Array;
}

/** Certificates of authorities from a PEM file. @throws TrailError where it holds none, and the system's errors */
export async function readAuthorities(file: string): Promise<Certificate[]> {
  const found = [...(await readFile(file, 'utf8')).matchAll(PEM)];
  if (found.length === 0) throw new TrailError(`${file} holds no certificate as PEM.`);
  return found.map(([, body = '']) => Certificate.fromBER(Buffer.from(body, 'base64')));
}

/** A request for a time stamp over a text, see RFC 3161, section 2.4.1; the certificate is asked for, for who checks it later. */
export function timeStampQuery(text: string, nonce: Uint8Array<ArrayBuffer>): Uint8Array {
  const query = new TimeStampReq({
    version: 1,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithmId: SHA_256 }),
      hashedMessage: new OctetString({ valueHex: imprintOf(text) }),
    }),
    nonce: new Integer({ valueHex: nonce }),
    certReq: true,
  });
  return new Uint8Array(query.toSchema().toBER());
}

/** The token of an authority's answer, byte for byte. @throws TrailError where it gave none */
export function readReply(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const { result, offset } = fromBER(bytes);
  const [status, token] = offset === bytes.length && result instanceof Sequence ? result.valueBlock.value : [];
  if (!status) throw new TrailError('The authority answered something that is no time stamp.');
  const { status: code, statusStrings = [] } = readStatus(status);
  if ((code !== GRANTED && code !== GRANTED_WITH_MODS) || !token) {
    const why = statusStrings.map(({ valueBlock }) => valueBlock.value).join(' ');
    throw new TrailError(`The authority refused, with status ${code}${why === '' ? '' : `: ${why}`}.`);
  }
  return new Uint8Array(token.valueBeforeDecodeView);
}

function readStatus(schema: SchemaType): PKIStatusInfo {
  try {
    return new PKIStatusInfo({ schema });
  } catch (error) {
    throw new TrailError('The authority answered something that is no time stamp.', { cause: error });
  }
}

/**
 * Checks a token: that it is over the text, that the certificate in it signed it and may, and leads to those that are trusted, where
 * they are given. Whether the certificate was revoked is not looked up.
 *
 * @throws TrailError with what is wrong
 */
export async function checkToken(token: Uint8Array<ArrayBuffer>, check: TokenCheck): Promise<Stamped> {
  const signed = readSignedData(token);
  const info = readInfo(signed);
  if (info.messageImprint.hashAlgorithm.algorithmId !== SHA_256 || !isOver(info, check.text))
    throw new TrailError('The token is over something else.');
  if (check.nonce && !(info.nonce && nonceOf(info.nonce).equals(nonceOf(new Integer({ valueHex: check.nonce })))))
    throw new TrailError('The token is the answer to another request.');
  const certificate = await verify(signed, check);
  return { time: info.genTime, by: new X509Certificate(bytesOf(certificate)).subject.replaceAll('\n', ', ') };
}

function readSignedData(token: Uint8Array<ArrayBuffer>): SignedData {
  try {
    const info = ContentInfo.fromBER(token);
    if (info.contentType !== SIGNED_DATA) throw new TrailError(`It is a ${info.contentType}.`);
    const signed = new SignedData({ schema: info.content });
    if (signed.signerInfos.length !== 1) throw new TrailError('It is signed by several.');
    return signed;
  } catch (error) {
    throw new TrailError(`The token cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function readInfo({ encapContentInfo: { eContentType, eContent } }: SignedData): TSTInfo {
  try {
    if (eContentType !== TST_INFO || !eContent) throw new TrailError('It holds no time.');
    return TSTInfo.fromBER(eContent.getValue());
  } catch (error) {
    throw new TrailError(`The token cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function isOver({ messageImprint }: TSTInfo, text: string): boolean {
  return Buffer.from(messageImprint.hashedMessage.valueBlock.valueHexView).equals(imprintOf(text));
}

function imprintOf(text: string): Buffer<ArrayBuffer> {
  return Buffer.from(hash('sha256', text, 'buffer'));
}

function nonceOf(nonce: Integer): Buffer {
  return Buffer.from(nonce.toBER());
}

function bytesOf(certificate: Certificate): Buffer<ArrayBuffer> {
  return Buffer.from(certificate.toSchema().toBER());
}

/** The certificate that signed. */
async function verify(signed: SignedData, { text, trusted }: TokenCheck): Promise<Certificate> {
  try {
    const { signatureVerified, signerCertificate } = await signed.verify({
      signer: 0,
      data: new Uint8Array(Buffer.from(text)).buffer,
      checkChain: trusted !== undefined,
      trustedCerts: [...(trusted ?? [])],
      extendedMode: true,
    });
    if (!signatureVerified || !signerCertificate) throw new TrailError('Its signature is not over what it says.');
    if (!isForTimeStamps(signerCertificate)) throw new TrailError('Its certificate is not one for time stamps.');
    if (!(await isMeant(signed.signerInfos[0]!, signerCertificate)))
      throw new TrailError('It was signed with another certificate than it says.');
    return signerCertificate;
  } catch (error) {
    throw new TrailError(`The token does not verify: ${(error as Error).message}`, { cause: error });
  }
}

/** See RFC 3161, section 2.3: this use and no other, and critical. */
function isForTimeStamps({ extensions = [] }: Certificate): boolean {
  const usage = extensions.find(({ extnID }) => extnID === EXTENDED_KEY_USAGE);
  const purposes: unknown = usage?.parsedValue;
  return usage?.critical === true && purposes instanceof ExtKeyUsage && purposes.keyPurposes.join() === TIME_STAMPING;
}

/** Whether what is signed names the certificate, see RFC 5816, and is of the type that it is taken for, see RFC 5652, section 11.1. */
async function isMeant({ signedAttrs }: SignerInfo, certificate: Certificate): Promise<boolean> {
  const valueOf = (...types: string[]): unknown =>
    signedAttrs?.attributes.find(({ type }) => types.includes(type))?.values[0];
  const contentType = valueOf(CONTENT_TYPE);
  if (!(contentType instanceof ObjectIdentifier) || contentType.valueBlock.toString() !== TST_INFO) return false;
  const isFirstVersion = valueOf(SIGNING_CERTIFICATE_V2) === undefined;
  const named = firstOf(firstOf(valueOf(SIGNING_CERTIFICATE_V2, SIGNING_CERTIFICATE)));
  if (!(named instanceof Sequence)) return false;
  const algorithm = firstOf(firstOf(named));
  const oid = algorithm instanceof ObjectIdentifier ? algorithm.valueBlock.toString() : SHA_256;
  const digest = named.valueBlock.value.find((each) => each instanceof OctetString);
  const crypto = getCrypto(true);
  const { name } = crypto.getAlgorithmByOID<{ name: string }>(isFirstVersion ? SHA_1 : oid, true);
  const found = await crypto.digest(name, bytesOf(certificate));
  return digest !== undefined && Buffer.from(digest.valueBlock.valueHexView).equals(Buffer.from(found));
}

function firstOf(value: unknown): unknown {
  return value instanceof Sequence ? value.valueBlock.value[0] : undefined;
}
