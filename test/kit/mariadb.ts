import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import mysql from 'mysql2/promise';
import { startProgram } from '../../network/process.ts';
import { startRelay, type DatabaseRelay, type StatementCounter } from './database-relay.ts';
import { makeFolder } from './folder.ts';

/** A MariaDB of a test file's own. */
export interface TestMariaDb {
  /** Makes an empty database and gives its address. */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts one, which takes a second: only the test files that ask for it wait for it. */
export async function startMariaDb(): Promise<TestMariaDb> {
  const folder = await makeFolder('switchyard-mariadb-');
  const server = await startProgram({
    name: 'MariaDB',
    args: [fileURLToPath(new URL('mariadb-program.ts', import.meta.url))],
    env: { MARIADB_FOLDER: folder.path },
    logFile: join(folder.path, 'mariadb.log'),
    readyWithinMs: 30_000,
    stopWithinMs: 8_000,
  });
  return {
    async createDatabase() {
      const name = `test_${randomUUID().replaceAll('-', '')}`;
      await runStatements(server.url, [`CREATE DATABASE ${name}`]);
      return new URL(name, server.url).href;
    },
    async stop() {
      await server.stop();
      await folder.remove();
    },
  };
}

/** Runs statements, each with its values, over a connection of its own; gives what the last one gave. */
export async function runStatements(
  url: string,
  statements: readonly (string | [text: string, values: readonly unknown[]])[],
): Promise<Record<string, unknown>[]> {
  const connection = await mysql.createConnection({ uri: url, charset: 'utf8mb4' });
  try {
    let answer: unknown;
    for (const statement of statements) {
      const [text, values] = typeof statement === 'string' ? [statement, []] : statement;
      [answer] = await connection.query(text, [...values]);
    }
    return answer as Record<string, unknown>[];
  } finally {
    await connection.end();
  }
}

export function startMariaDbRelay(databaseUrl: string): Promise<DatabaseRelay> {
  return startRelay(databaseUrl, statementCounter);
}

/** The first byte of the commands that run a statement: COM_QUERY and COM_STMT_EXECUTE. */
const STATEMENT_COMMANDS = new Set([0x03, 0x17]);
const HEADER_BYTES = 4;

/** A packet is its length in three bytes, its number, and what it holds; number 0 is a command, what comes before the first is the login. */
const statementCounter: StatementCounter = (onStatement) => {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length > HEADER_BYTES) {
      const length = HEADER_BYTES + pending.readUIntLE(0, 3);
      if (pending.length < length) return;
      if (pending[3] === 0 && STATEMENT_COMMANDS.has(pending[HEADER_BYTES]!)) onStatement();
      pending = pending.subarray(length);
    }
  };
};
