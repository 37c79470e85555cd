import { startRelay, type DatabaseRelay, type StatementCounter } from './database-relay.ts';

export function startPostgresRelay(databaseUrl: string): Promise<DatabaseRelay> {
  return startRelay(databaseUrl, statementCounter);
}

/** The first byte of the messages that bring a statement: Parse and Query. */
const STATEMENT_MESSAGES = new Set([0x50, 0x51]);

/** Follows one connection's messages; see "Message Formats" in PostgreSQL's documentation of its protocol. */
const statementCounter: StatementCounter = (onStatement) => {
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
};
