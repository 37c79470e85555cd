import { askEntities, type Ask } from './ask.ts';

interface District {
  id: string;
}

const DEPARTMENTS = Array.from({ length: 35 }, (_, nth) => nth + 2);

function fieldsOf(department: number): string {
  return ['title', 'count', 'share', 'isFinal', 'code'].map((field) => field + department).join(' ');
}

/** One fetch of the list, then all other departments at once. */
export async function answerWide(ask: Ask): Promise<unknown> {
  const { districts } = await ask<{ districts: District[] }>('department1', `{districts{id ${fieldsOf(1)}}}`);
  const references = districts.map(({ id }) => ({ __typename: 'District', id }));
  const parts = await Promise.all(
    DEPARTMENTS.map((department) =>
      askEntities<object>(ask, `department${department}`, `... on District{${fieldsOf(department)}}`, references),
    ),
  );
  for (const found of parts) districts.forEach((district, place) => Object.assign(district, found[place]));
  return { districts };
}
