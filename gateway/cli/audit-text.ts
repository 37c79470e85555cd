import type { ArchivedChain, Manifest } from '../audit/archive.ts';
import type { TrailRecord } from '../audit/entry.ts';
import type { ChainReport, Fault, VerifyReport } from '../audit/fault.ts';
import { colors } from './colors.ts';
import { table } from './table.ts';

/** What a verification found, to be read. */
export function describeVerification(report: VerifyReport): string {
  const { ok, records, seals, chains, faults } = report;
  const [first, ...others] = faults;
  const counts = `${count(records, 'record')} in ${count(chains.length, 'chain')}, ${count(seals, 'seal')}`;
  return [
    ...(chains.length > 0
      ? table([CHAIN_COLUMNS.map((column) => colors.dim(column)), ...chains.map(chainRow)], RIGHT_ALIGNED)
      : []),
    '',
    ok
      ? `${colors.green('ok')}  ${counts}`
      : `${colors.red('FAULT')}  ${counts} verify; ${count(faults.length, 'fault')}`,
    ...(first ? ['', ...describeFault(first)] : []),
    ...others.slice(0, MAX_FAULTS).flatMap((fault) => ['', ...describeFault(fault)]),
    ...(others.length > MAX_FAULTS ? ['', `and ${others.length - MAX_FAULTS} more; --json prints them`] : []),
    ...describeOpenEnds(report),
    '',
    ...describeKeys(report),
    ...describeTimeStamps(report),
  ].join('\n');
}

const MAX_FAULTS = 9;
const CHAIN_COLUMNS = ['chain', 'records', 'seals', 'last seal', 'unsealed', 'end'];
const RIGHT_ALIGNED = new Set([1, 2, 4]);

function chainRow({ chain, records, first, last, seals, sealedAt, unsealed, isClosed }: ChainReport): string[] {
  return [
    colors.cyan(chain),
    records === 0 ? '0' : `${number(first)} to ${number(last)}`,
    number(seals),
    sealedAt ?? '',
    unsealed === 0 ? '0' : colors.yellow(number(unsealed)),
    isClosed ? 'closed' : 'open',
  ];
}

function describeFault({ kind, message, chain, seq, seal, file, line, byte }: Fault): string[] {
  const places = [
    file === undefined ? undefined : `${file}${line === undefined ? '' : ` line ${line} (from byte ${byte})`}`,
    chain === undefined ? undefined : `chain ${chain}`,
    seq === undefined ? undefined : `record ${seq}`,
    seal === undefined ? undefined : `seal ${seal}`,
  ].filter((place) => place !== undefined);
  return [`${colors.red(kind)}  ${places.join(', ') || '(no place)'}`, `  ${message}`];
}

/** What no verifier can know is said. */
function describeOpenEnds({ chains }: VerifyReport): string[] {
  return chains
    .filter(({ isClosed }) => !isClosed)
    .map(({ chain, unsealed }) => {
      const tail = unsealed === 0 ? 'no unsealed tail' : `an unsealed tail of ${count(unsealed, 'record')}`;
      const why = 'its gateway still runs or was stopped hard';
      return `${colors.yellow('open')}  ${chain} has ${tail}: ${why}, or what came after was taken away; a copy of the seals would tell (--roots)`;
    });
}

function describeKeys({ keys, isPinned }: VerifyReport): string[] {
  const known = isPinned
    ? 'checked against the keys given'
    : 'as they come with the trail: give the published ones with --key';
  return [`${keys.length === 1 ? 'key' : 'keys'} ${keys.join(', ') || 'none'}, ${known}`];
}

function describeTimeStamps({ timeStamps: { count: stamps, isTrusted, attested } }: VerifyReport): string[] {
  if (stamps === 0) return isTrusted ? ['no time stamps'] : [];
  const checked = isTrusted
    ? "the authority's certificate leads to those given"
    : "the authority's certificate was not checked: give those of the ones that are trusted with --tsa-ca";
  return [
    `${count(stamps, 'time stamp')}, ${checked}`,
    ...attested.map(({ chain, seq, sealedAt, time, by }) => {
      const what = seq === 0 ? 'its opening' : `records up to ${number(seq)}`;
      return `attested  ${chain}: ${what}, of ${sealedAt} at the latest, by ${time}, by ${singleLine(by)}`;
    }),
  ];
}

/** What was exported, to be read. */
export function describeExport({ chains, until }: Manifest, folder: string): string {
  const records = chains.reduce((sum, { after, end }) => sum + end.seq - after.seq, 0);
  return `${folder} holds ${count(records, 'record')} of ${count(chains.length, 'chain')}, sealed before ${until}; check it with: switchyard audit verify --archive ${folder}`;
}

/** What was deleted, to be read. */
export function describePruned(chains: readonly ArchivedChain[]): string {
  if (chains.length === 0) return 'Nothing of the archive was in the store any more.';
  return table([
    ['chain', 'deleted'].map((column) => colors.dim(column)),
    ...chains.map(({ chain, after, end }) => [
      colors.cyan(chain),
      `records ${number(after.seq + 1)} to ${number(end.seq)}`,
    ]),
  ]).join('\n');
}

const RECORD_COLUMNS = [
  'time',
  'who',
  'for',
  'purpose',
  'basis',
  'case',
  'rules',
  'outcome',
  'fields',
  'hidden until',
  'record',
];

/** Who saw something, to be read. */
export function describeRecords(records: readonly TrailRecord[], whom: string): string {
  if (records.length === 0) return `Nobody saw anything of ${whom}.`;
  return table([RECORD_COLUMNS.map((column) => colors.dim(column)), ...records.map(recordRow)]).join('\n');
}

function recordRow(record: TrailRecord): string[] {
  const [who = '', ...others] = [
    record.initiatorPerson ?? '',
    record.initiatorDepartment ?? record.initiatorOrg ?? '',
    record.purpose ?? '',
    record.legalBasis ?? record.consentReference ?? '',
    record.caseNumber ?? '',
    few(record.rules ?? []),
    record.outcome,
    few(record.fields) || (record.operationName ?? ''),
    record.hiddenUntil ?? '',
  ].map(singleLine);
  const place = colors.dim(`${record.chain} ${record.seq}`);
  return [record.logTime, who || colors.dim('(nobody in particular)'), ...others, place];
}

/** What a line has room for; `--json` prints all. */
function few(names: readonly string[]): string {
  const left = names.length - FEW;
  return left > 0 ? `${names.slice(0, FEW).join(' ')} +${left}` : names.join(' ');
}

const FEW = 3;

/** Names come from outside: what would move the cursor is not printed. */
function singleLine(text: string): string {
  return [...text].map((character) => (isControl(character) ? '\u{FFFD}' : character)).join('');
}

function isControl(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/** Goes back to the start of the line, and is gone with the last one. */
export function progressLine(records: number, total: number): string {
  const share = total === 0 ? 100 : Math.floor((100 * records) / total);
  const isLast = total - records < 1_000;
  return isLast ? '\r\u001B[K' : `\r\u001B[K${number(records)} of ${number(total)} records, ${share} %`;
}

function count(amount: number, what: string): string {
  return `${number(amount)} ${what}${amount === 1 ? '' : 's'}`;
}

function number(value: number): string {
  return value.toLocaleString('en');
}
