/** A series of the Prometheus text format. */
export interface Series {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Reads the text that metrics are given in. @throws Error for a line that is none */
function readSeries(text: string): Series[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const found = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
      if (!found) throw new Error(`not a line of metrics: ${line}`);
      const [, name, labels = '', value] = found;
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, of]) => [label!, of!] as const);
      return { name: name!, labels: Object.fromEntries(pairs), value: Number(value) };
    });
}

/** What a page of metrics says. */
export async function metricsAt(url: string): Promise<Series[]> {
  const response = await fetch(url);
  return readSeries(await response.text());
}

/** The value of the one series with these labels; undefined where there is none. */
export function valueOf(all: readonly Series[], name: string, labels: Record<string, string> = {}): number | undefined {
  const wanted = Object.entries(labels);
  return all.find((each) => each.name === name && wanted.every(([label, value]) => each.labels[label] === value))
    ?.value;
}
