/** How often a client used a field, as a gateway counts it. */
export interface ClientUsage {
  /** What the client calls itself; null where it does not. */
  readonly client: string | null;
  readonly version: string | null;
  /** Which part of the graph it asked; null: the whole. Absent of gateways of before */
  readonly contract?: string | null | undefined;
  readonly requests: number;
  /** The same by day (UTC): `2026-11-27`. */
  readonly days: Readonly<Record<string, number>>;
}

/** What one process of a gateway has counted since it started. */
export interface UsageReport {
  /** From when on, ISO 8601. */
  readonly since: string;
  /** Arguments, enum values and fields of inputs are among it; false of gateways of before. */
  readonly tellsInputs?: boolean | undefined;
  /** By coordinate: `Book.title`, `Query.book(isbn:)`, `Kind.NOVEL`, `Kind` where a variable may hold any of it. */
  readonly fields: Readonly<Record<string, readonly ClientUsage[]>>;
}

/** Who uses something, and how often. */
export interface FieldUse {
  readonly client: string;
  readonly version: string | undefined;
  readonly requests: number;
}

/** Use of the graph by all its gateways. */
export interface GraphUsage {
  /** Since when it is counted, ISO 8601; undefined where no gateway has reported anything. */
  readonly since: string | undefined;
  /** Who used any of it, those who did most first. A request that asks for several of them counts once at least. */
  of(used: UsedElements): FieldUse[];
}

/** What somebody may use of a graph, by coordinate. */
export interface UsedElements {
  /** Whoever asks for any of these fields uses it. */
  readonly fields: readonly string[];
  /** Whoever uses any of these does, where that is told, and nobody else. Default: as `fields` say */
  readonly inputs?: readonly string[] | undefined;
  /** Where it is about who asks that part of the graph alone. */
  readonly contract?: string | undefined;
}

const UNNAMED = 'a client without a name';

/** Adds up what gateways have counted. @param firstDay the first day (UTC) that counts, `2026-11-13` */
export function addUp(reports: readonly UsageReport[], firstDay: string): GraphUsage {
  const sinces = reports.map(({ since }) => since).toSorted();
  return {
    since: sinces[0],
    of({ fields, inputs = fields, contract }) {
      const most = new Map<string, FieldUse>();
      for (const coordinate of new Set([...fields, ...inputs])) {
        const telling = reports.filter(({ tellsInputs }) => (tellsInputs ? inputs : fields).includes(coordinate));
        for (const use of usesOf(telling, coordinate, { firstDay, contract })) {
          const key = `${use.client}\0${use.version ?? ''}`;
          if ((most.get(key)?.requests ?? 0) < use.requests) most.set(key, use);
        }
      }
      return [...most.values()].toSorted((one, other) => other.requests - one.requests);
    },
  };
}

function usesOf(
  reports: readonly UsageReport[],
  coordinate: string,
  { firstDay, contract }: { firstDay: string; contract: string | undefined },
): FieldUse[] {
  const byClient = new Map<string, FieldUse>();
  for (const { fields } of reports)
    for (const { client, version, days, contract: asked } of fields[coordinate] ?? []) {
      // A gateway of before does not say which part was asked: it may be this one.
      if (contract !== undefined && asked !== undefined && asked !== contract) continue;
      const lately = Object.entries(days).reduce((sum, [day, count]) => (day >= firstDay ? sum + count : sum), 0);
      if (lately === 0) continue;
      const key = `${client ?? ''}\0${version ?? ''}`;
      const requests = (byClient.get(key)?.requests ?? 0) + lately;
      byClient.set(key, { client: client ?? UNNAMED, version: version ?? undefined, requests });
    }
  return [...byClient.values()];
}
