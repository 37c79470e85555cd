import type { RecordSource, SourceRow, SourceValue } from '../record-source.ts';
import type { CollectionUse } from '../source-kind.ts';

/** Tables of a source's own, with the lists and objects in them, which lie there as JSON, as what they are. */
export function keptRows(tables: RecordSource, uses: ReadonlyMap<string, CollectionUse>): RecordSource {
  const unfold = (collection: string, rows: readonly SourceRow[]): void => {
    const structures = uses.get(collection)?.structures;
    if (!structures?.size) return;
    for (const row of rows as Record<string, SourceValue>[])
      for (const column of structures.keys()) {
        const value = row[column];
        if (typeof value === 'string') row[column] = JSON.parse(value) as SourceValue;
      }
  };
  return {
    describe: (collection) => tables.describe(collection),
    refusalOf: (question) => tables.refusalOf(question),
    async byKeys(question, options) {
      const answers = await tables.byKeys(question, options);
      const rows = answers.filter((answer): answer is SourceRow => answer !== null && !(answer instanceof Error));
      unfold(question.collection, rows);
      return answers;
    },
    async related(question, options) {
      const groups = await tables.related(question, options);
      for (const rows of groups) if (Array.isArray(rows)) unfold(question.collection, rows);
      return groups;
    },
    async page(question, options) {
      const rows = await tables.page(question, options);
      unfold(question.collection, rows);
      return rows;
    },
    close: () => tables.close(),
  };
}
