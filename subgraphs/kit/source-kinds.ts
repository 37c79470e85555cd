import type { SourceKind } from './source-kind.ts';
import { csvKind } from './sources/csv.ts';
import { graphqlKind } from './sources/graphql.ts';
import { jsonKind } from './sources/json.ts';
import { mysqlKind } from './sources/mysql.ts';
import { openapiKind } from './sources/openapi.ts';
import { postgresKind } from './sources/postgres.ts';
import { redisStreamsKind } from './sources/redis-streams.ts';
import { soapKind } from './sources/soap.ts';
import { spreadsheetKind } from './sources/spreadsheet.ts';
import { sqliteKind } from './sources/sqlite.ts';
import { xmlKind } from './sources/xml.ts';

/** Every kind of system that a manifest can name, by what it says under `source.kind`. */
export const SOURCE_KINDS: Readonly<Record<string, SourceKind>> = {
  csv: csvKind,
  graphql: graphqlKind,
  json: jsonKind,
  mysql: mysqlKind,
  openapi: openapiKind,
  postgres: postgresKind,
  'redis-streams': redisStreamsKind,
  soap: soapKind,
  spreadsheet: spreadsheetKind,
  sqlite: sqliteKind,
  xml: xmlKind,
};
