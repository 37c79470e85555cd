const DAY_MS = 86_400_000;

/** The day so many days before another one, or after it where they are negative; `YYYY-MM-DD`. */
export function dayBefore(day: string, days: number): string {
  return new Date(Date.parse(day) - days * DAY_MS).toISOString().slice(0, 10);
}
