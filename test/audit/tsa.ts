import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import path from 'node:path';
import { promisify } from 'node:util';
import type { RequestListener } from 'node:http';
import { serveBare } from '../kit/department.ts';

const openssl = promisify(execFile).bind(undefined, 'openssl') as (
  args: readonly string[],
  options: { cwd: string },
) => Promise<unknown>;

/** A time-stamping authority as `openssl ts` is one, over HTTP. */
export interface Tsa {
  url: string;
  /** The certificate of the one that gave it its own. */
  caFile: string;
  /** How often it was asked. */
  asked: number;
  /** Answers in another way for as long as it is set. */
  instead: RequestListener | undefined;
  close(): Promise<void>;
}

const REQUEST_SETTINGS = `[req]
distinguished_name = name
prompt = no
[name]
`;

const TSA_SETTINGS = `[tsa]
default_tsa = this
[this]
serial = serial
crypto_device = builtin
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_chain = yes
signer_digest = sha256
accuracy = secs:1
`;

/** Makes its certificates in the folder and starts it. */
export async function startTsa(folder: string, name = 'city'): Promise<Tsa> {
  const file = (part: string): string => path.join(folder, `${name}-${part}`);
  const make = (args: string): Promise<unknown> => openssl(args.split(' '), { cwd: folder });
  writeFileSync(
    file('ca.cnf'),
    `${REQUEST_SETTINGS}CN = CA of ${name}\n[ca]\nbasicConstraints = critical,CA:true\nkeyUsage = critical,keyCertSign\n`,
  );
  writeFileSync(
    file('tsa.cnf'),
    `${REQUEST_SETTINGS}O = ${name}\nCN = Time of ${name}\n[tsa]\nextendedKeyUsage = critical,timeStamping\n`,
  );
  writeFileSync(file('reply.cnf'), TSA_SETTINGS.replace('serial = serial', `serial = ${file('serial')}`));
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
  await make(
    `req -x509 ${key} -days 30 -config ${file('ca.cnf')} -extensions ca -keyout ${file('ca.key')} -out ${file('ca.pem')}`,
  );
  await make(`req -new ${key} -config ${file('tsa.cnf')} -keyout ${file('tsa.key')} -out ${file('tsa.csr')}`);
  await make(
    `x509 -req -in ${file('tsa.csr')} -CA ${file('ca.pem')} -CAkey ${file('ca.key')} -CAcreateserial -days 30 -extfile ${file('tsa.cnf')} -extensions tsa -out ${file('tsa.pem')}`,
  );
  const tsa: Tsa = { url: '', caFile: file('ca.pem'), asked: 0, instead: undefined, close: () => Promise.resolve() };
  const server = await serveBare((request, response) => {
    tsa.asked += 1;
    if (tsa.instead) return tsa.instead(request, response);
    void reply(request).then(
      (bytes) => response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(bytes),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  async function reply(request: AsyncIterable<Buffer> & Parameters<RequestListener>[0]): Promise<Buffer> {
    const number = tsa.asked;
    writeFileSync(file(`${number}.tsq`), await buffer(request));
    await make(
      `ts -reply -config ${file('reply.cnf')} -queryfile ${file(`${number}.tsq`)} -signer ${file('tsa.pem')} -inkey ${file('tsa.key')} -chain ${file('ca.pem')} -out ${file(`${number}.tsr`)}`,
    );
    return readFileSync(file(`${number}.tsr`));
  }
  return Object.assign(tsa, { url: `http://127.0.0.1:${server.port}/`, close: () => server.close() });
}
