/** What happens while the network comes up, runs and stops; `npm start -- --json` prints each as a line of JSON. */
export type NetworkEvent =
  | { event: 'starting'; name: string; says: string }
  | { event: 'ready'; name: string; says: string; url?: string; pid?: number; detail?: string; elapsedMs: number }
  | { event: 'left-out'; name: string; says: string; reason: string }
  | { event: 'step'; name: string; detail: string }
  | { event: 'made'; name: string; detail: string }
  | { event: 'ended'; name: string; reason: string; restartInMs?: number }
  | { event: 'restarted'; name: string; url: string; pid: number }
  | { event: 'up'; gatewayUrl: string; dataFolder: string; elapsedMs: number }
  | { event: 'answer'; operation: string; command: string; tookMs: number; rows: AnswerRow[]; problems: string[] }
  | { event: 'stopping' }
  | { event: 'stopped'; elapsedMs: number }
  | { event: 'failed'; reason: string };

/** A line of the table that shows the first answer. */
export interface AnswerRow {
  field: string;
  value: string;
}

export type Report = (event: NetworkEvent) => void;
