/** Is told what becomes of runs, each time once the store has it. Dispatches are told by their names; nothing that it does changes a run. */
export interface RunObserver {
  /** @param rows those that are no more included */
  partTaken(dispatch: string, rows: number): void;
  /** An attempt failed and is made again. @param code the reason's: of the error catalogue, or a department's own */
  retried(dispatch: string, code: string): void;
  /** @param outcome the state that the run ended in, or EXPIRED where its dispatch's time was over; @param sinceDueMs how long ago it was due */
  ended(dispatch: string, outcome: string, sinceDueMs: number): void;
}
