/** A server written by hand for the one operation of a workload: `server-program.ts WORKLOAD PORT`, `SUBGRAPH_URLS` in the environment. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createAsk, type Ask } from './ask.ts';
import { answerDistinct } from './distinct.ts';
import { answerHeavy } from './heavy.ts';
import { answerWide } from './wide.ts';

const ANSWERS: Readonly<Record<string, (ask: Ask, variables: object) => Promise<unknown>>> = {
  heavy: answerHeavy,
  distinct: answerDistinct,
  wide: answerWide,
  small: (ask) => ask('harbour', '{station{id name waterLevelCm isRising measuredAt}}'),
};

function answerOf(name: string): (ask: Ask, variables: object) => Promise<unknown> {
  const found = ANSWERS[name];
  if (!found) throw new Error(`Nobody has written a program for the workload "${name}".`);
  return found;
}

function read(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => resolve(text));
    request.on('error', reject);
  });
}

const [workload = '', port] = process.argv.slice(2);
const answer = answerOf(workload);
const ask = createAsk(JSON.parse(process.env['SUBGRAPH_URLS'] ?? '{}') as Record<string, string>);
async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { variables } = JSON.parse(await read(request)) as { variables?: object };
    const text = JSON.stringify({ data: await answer(ask, variables ?? {}) });
    const length = Buffer.byteLength(text);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': length }).end(text);
  } catch (error) {
    response.writeHead(500).end(JSON.stringify({ errors: [{ message: (error as Error).message }] }));
  }
}

const server = createServer((request, response) => void respond(request, response));
server.keepAliveTimeout = 3_600_000;
server.listen(Number(port), '127.0.0.1');
