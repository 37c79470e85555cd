import { colors as pc } from '../gateway/cli/colors.ts';
import type { NetworkEvent, Report } from './events.ts';

/** Where progress is shown. */
export interface Screen {
  write(text: string): void;
  /** Whether a line can be written over. */
  isTerminal: boolean;
  /** Characters in a line. */
  columns(): number;
}

/** Shows events as they come. */
export interface Progress {
  report: Report;
  /** Ends what moves. */
  close(): void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

/** Each event as a line of JSON, with the time in `at`. */
export function jsonProgress(screen: Pick<Screen, 'write'>): Progress {
  return {
    report: (event) => screen.write(`${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`),
    close: () => undefined,
  };
}

/** Lines for people; on a terminal a last line that moves says what is still under way. */
export function textProgress(screen: Screen): Progress {
  const waiting = new Map<string, string>();
  const startedMs = performance.now();
  let frame = 0;
  const clear = (): void => {
    if (screen.isTerminal) screen.write('\r\u001B[K');
  };
  const draw = (): void => {
    if (!screen.isTerminal || waiting.size === 0) return;
    frame += 1;
    const line = `${FRAMES[frame % FRAMES.length]} ${seconds(performance.now() - startedMs)}  ${[...waiting.values()].join(', ')}`;
    screen.write(`\r\u001B[K${line.slice(0, screen.columns() - 1)}`);
  };
  const timer = setInterval(draw, FRAME_MS).unref();
  return {
    report(event) {
      noteWaiting(waiting, event);
      const text = describe(event, screen.isTerminal);
      clear();
      if (text !== undefined) screen.write(`${text}\n`);
      draw();
    },
    close() {
      clearInterval(timer);
      waiting.clear();
      clear();
    },
  };
}

function noteWaiting(waiting: Map<string, string>, event: NetworkEvent): void {
  if (event.event === 'starting') waiting.set(event.name, event.says);
  else if (event.event === 'step') waiting.set(event.name, event.detail);
  else if (event.event === 'ready') waiting.delete(event.name);
  else if (event.event === 'stopping' || event.event === 'failed') waiting.clear();
}

/** An event as people read it; nothing where the moving line says enough. */
function describe(event: NetworkEvent, isTerminal: boolean): string | undefined {
  switch (event.event) {
    case 'starting':
      return undefined;
    case 'step':
      return isTerminal ? undefined : `${pc.cyan('·')} ${event.name}: ${event.detail} ...`;
    case 'made':
      return `${pc.green('✓')} ${event.name}: ${event.detail}`;
    case 'ready':
      return `${pc.green('✓')} ${event.says.padEnd(24)} ${pc.dim(`${seconds(event.elapsedMs)}  ${event.detail ?? withoutSecret(event.url)}`)}`;
    case 'left-out':
      return `${pc.yellow('–')} ${event.says.padEnd(24)} ${pc.dim(`not started: ${event.reason}`)}`;
    case 'ended': {
      const next = event.restartInMs === undefined ? 'it is given up' : `again in ${seconds(event.restartInMs).trim()}`;
      return `${pc.red('✗')} ${event.name}: ${event.reason}; ${next}`;
    }
    case 'restarted':
      return `${pc.green('✓')} ${event.name} is back at ${withoutSecret(event.url)}`;
    case 'up':
      return describeUp(event);
    case 'answer':
      return describeAnswer(event);
    case 'stopping':
      return 'stopping ...';
    case 'stopped':
      return `stopped ${pc.dim(`after ${seconds(event.elapsedMs).trim()}`)}`;
    case 'failed':
      return `${pc.red('✗')} ${event.reason}`;
  }
}

function describeUp({ gatewayUrl, dataFolder, elapsedMs }: Extract<NetworkEvent, { event: 'up' }>): string {
  return [
    '',
    pc.bold(`The network is ready after ${seconds(elapsedMs).trim()}.`),
    '',
    `  GraphiQL  ${pc.cyan(new URL('/', gatewayUrl).href)}`,
    `  GraphQL   ${pc.cyan(gatewayUrl)}`,
    `  callers   ${dataFolder}/callers: headers to ask as an inspector, a bank, ...`,
    `  trail     ${dataFolder}/trail: who asked for what; the enterprise and the auditor read it`,
    `  logs      ${dataFolder}/logs`,
    '',
  ].join('\n');
}

function describeAnswer(answer: Extract<NetworkEvent, { event: 'answer' }>): string {
  const width = Math.max(0, ...answer.rows.map(({ field }) => field.length));
  const rule = pc.dim(`  ${'─'.repeat(width + 2)}┬${'─'.repeat(60)}`);
  return [
    `  ${pc.bold(answer.operation)} ${pc.dim(`answered in ${Math.round(answer.tookMs)} ms; ask it again with`)}`,
    `  ${pc.cyan(answer.command)}`,
    '',
    rule,
    ...answer.rows.map(({ field, value }) => `  ${field.padEnd(width + 1)} ${pc.dim('│')} ${value}`),
    rule.replace('┬', '┴'),
    ...answer.problems.map((problem) => `  ${pc.yellow('gap')} ${problem}`),
    '',
    'Ctrl-C stops everything.',
  ].join('\n');
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`.padStart(7);
}

/** A database's address holds its password. */
function withoutSecret(url: string | undefined): string {
  if (url === undefined) return '';
  const parsed = new URL(url);
  if (parsed.password) parsed.password = '***';
  return parsed.href;
}
