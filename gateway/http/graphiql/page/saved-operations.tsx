import { useGraphiQL, useGraphiQLActions, type GraphiQLPlugin } from '@graphiql/react';

/** An operation that the gateway keeps under `schema/operations/`. */
export interface SavedOperation {
  name: string;
  text: string;
}

/** The saved operations; none when the gateway does not hand any out. */
export async function fetchSavedOperations(url: string): Promise<SavedOperation[]> {
  const response = await fetch(url, { headers: { accept: 'application/json' } });
  if (!response.ok) return [];
  return (await response.json()) as SavedOperation[];
}

/** A sidebar panel that opens saved operations again, after their first tabs were closed or edited. */
export function savedOperationsPlugin(operations: readonly SavedOperation[]): GraphiQLPlugin {
  return {
    title: 'Saved operations',
    icon: SavedOperationsIcon,
    content: () => <SavedOperations operations={operations} />,
  };
}

function SavedOperations({ operations }: { operations: readonly SavedOperation[] }) {
  const { addTab, changeTab } = useGraphiQLActions();
  const { queryEditor, tabs } = useGraphiQL((state) => ({ queryEditor: state.queryEditor, tabs: state.tabs }));
  const open = (operation: SavedOperation): void => {
    const opened = tabs.findIndex((tab) => tab.query === operation.text);
    if (opened >= 0) return changeTab(opened);
    addTab();
    queryEditor?.setValue(operation.text);
  };
  return (
    <section className="saved-operations" aria-label="Saved operations">
      <div className="graphiql-doc-explorer-title">Saved operations</div>
      <p>They ship with this gateway. Each runs as it stands.</p>
      <ul>
        {operations.map((operation) => (
          <li key={operation.name}>
            <button type="button" className="graphiql-un-styled" onClick={() => open(operation)}>
              {operation.name}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function SavedOperationsIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <path d="M6 3.75h12a.75.75 0 0 1 .75.75v16L12 16.5l-6.75 4v-16A.75.75 0 0 1 6 3.75Z" strokeLinejoin="round" />
    </svg>
  );
}
