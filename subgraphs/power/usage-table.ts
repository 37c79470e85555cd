/** Which place a customer has in every usage table. */
export type Places = Map<string, number>;

/** Consumption of one month: eight bytes a customer. */
export interface UsageTable {
  /** Null where the month has no row for the customer. */
  kwh(customerNo: string): number | null;
  /** Sets a customer's consumption, in place of what was there. */
  add(customerNo: string, kwh: number): void;
}

/**
 * Makes an empty table.
 *
 * @param places shared by the tables of all months; a customer unknown so far is given the next place
 */
export function createUsageTable(places: Places): UsageTable {
  let table = new Float64Array(Math.max(64, places.size)).fill(Number.NaN);
  return {
    kwh(customerNo) {
      const used = table[places.get(customerNo) ?? Number.POSITIVE_INFINITY];
      return used === undefined || Number.isNaN(used) ? null : used;
    },
    add(customerNo, kwh) {
      const place = places.get(customerNo) ?? places.size;
      places.set(customerNo, place);
      if (place >= table.length) table = widened(table, place + 1);
      table[place] = kwh;
    },
  };
}

/** Half as much again as is needed, so that growing row by row does not copy row by row. */
function widened(table: Float64Array<ArrayBuffer>, needed: number): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(Math.ceil(needed * 1.5)).fill(Number.NaN);
  wider.set(table);
  return wider;
}
