import type { SourceRow } from '../../subgraphs/kit/record-source.ts';

/** What every source of the contract suite holds. */
export const STATIONS: readonly SourceRow[] = [
  { id: 'S1', name: 'Harbour', district: 'north', lines: 3, opened: '1990-05-01' },
  { id: 'S2', name: 'Hauptbahnhof', district: 'centre', lines: 7, opened: '1890-01-31' },
  { id: 'S3', name: '100 % Östliches_Tor', district: 'east', lines: null, opened: null },
  { id: 'S4', name: "O'Hare \\ West", district: 'west', lines: 1, opened: '2020-12-31' },
  { id: 'S5', name: '北京南站', district: 'north', lines: 7, opened: '2008-08-01' },
  { id: 'S6', name: 'harbour bridge', district: 'north', lines: null, opened: '1932-03-19' },
];

/** Passengers of a station on a day: the two are the key. The numbers have digits that a double keeps. */
export const COUNTS: readonly SourceRow[] = [
  { station: 'S1', day: '2026-01-01', passengers: 120 },
  { station: 'S1', day: '2026-01-02', passengers: 80.5 },
  { station: 'S1', day: '2026-01-03', passengers: 300 },
  { station: 'S2', day: '2026-01-01', passengers: 9007199254740991 },
  { station: 'S2', day: '2026-01-02', passengers: 0 },
];
