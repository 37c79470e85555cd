import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between a program and PostgreSQL: counts the statements that pass and can cut every connection. */
export interface PostgresRelay {
  /** The database's URL by way of the relay. */
  url: string;
  /** Statements sent since the start. */
  readonly statements: number;
  /** Cuts the connections there are and refuses new ones, as a server that went away. */
  cut(): void;
  /** Lets connections through again. */
  restore(): void;
  close(): Promise<void>;
}

/** The first byte of the messages that bring a statement: Parse and Query. */
const STATEMENT_MESSAGES = new Set([0x50, 0x51]);

export async function startPostgresRelay(databaseUrl: string): Promise<PostgresRelay> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let statements = 0;
  let isCut = false;
  const server = createServer((client) => {
    if (isCut) return void client.destroy();
    const upstream = connect(Number(target.port), target.hostname);
    const count = statementCounter(() => (statements += 1));
    for (const [socket, peer] of [[client, upstream] as const, [upstream, client] as const]) {
      sockets.add(socket);
      socket.on('error', () => peer.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        peer.destroy();
      });
    }
    client.on('data', count);
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    get statements() {
      return statements;
    },
    cut,
    restore: () => void (isCut = false),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      cut();
      await closed;
    },
  };
}

/** Follows one connection's messages; see "Message Formats" in PostgreSQL's documentation of its protocol. */
function statementCounter(onStatement: () => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  let typeBytes = 0; // the start-up message alone has no type
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= typeBytes + 4) {
      const length = typeBytes + pending.readInt32BE(typeBytes);
      if (pending.length < length) return;
      if (typeBytes === 1 && STATEMENT_MESSAGES.has(pending.readUInt8(0))) onStatement();
      pending = pending.subarray(length);
      typeBytes = 1;
    }
  };
}
