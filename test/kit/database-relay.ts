import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between a program and its database: counts the statements that pass and can cut every connection. */
export interface DatabaseRelay {
  /** The database's URL by way of the relay. */
  url: string;
  /** Statements sent since the start. */
  readonly statements: number;
  /** Cuts the connections there are and refuses new ones, as a server that went away. */
  cut(): void;
  /** Lets connections through again. */
  restore(): void;
  /** Lets nothing through on the connections there are, as a server that hangs; what it returns ends that. */
  hold(): () => void;
  close(): Promise<void>;
}

/** Follows what one connection sends, and tells of each statement in it. */
export type StatementCounter = (onStatement: () => void) => (chunk: Buffer) => void;

export async function startRelay(databaseUrl: string, statementCounter: StatementCounter): Promise<DatabaseRelay> {
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
    hold() {
      const held = [...sockets];
      for (const socket of held) socket.pause();
      return () => held.forEach((socket) => socket.resume());
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      cut();
      await closed;
    },
  };
}
