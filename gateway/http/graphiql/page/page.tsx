import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import 'graphiql/style.css';
import { createRoot } from 'react-dom/client';
import './page.css';
import { fetchSavedOperations, savedOperationsPlugin } from './saved-operations.tsx';

// Addresses are relative to the page, so that the gateway may stand behind a proxy's path prefix.
const ENDPOINT = 'graphql';
const SAVED_OPERATIONS = 'graphiql/tabs.json';

const WELCOME = `# Write an operation here. Ctrl-Enter runs it, Ctrl-Space completes a name.
# The book on the left shows everything the graph holds.
{
  __typename
}
`;

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    const file = label === 'json' || label === 'graphql' ? WORKER_FILES[label] : WORKER_FILES.editor;
    return new Worker(new URL(file, document.baseURI));
  },
};

async function show(): Promise<void> {
  const place = document.getElementById('graphiql');
  if (!place) throw new Error('the page has no element #graphiql');
  const operations = await fetchSavedOperations(SAVED_OPERATIONS);
  const firstTabs = operations.map((operation) => ({ query: operation.text }));
  const plugins = operations.length === 0 ? [HISTORY_PLUGIN] : [savedOperationsPlugin(operations), HISTORY_PLUGIN];
  createRoot(place).render(
    <GraphiQL
      fetcher={createGraphiQLFetcher({ url: new URL(ENDPOINT, document.baseURI).href })}
      defaultTabs={firstTabs.length === 0 ? [{ query: WELCOME }] : firstTabs}
      defaultQuery=""
      inputValueDeprecation
      schemaDescription
      plugins={plugins}
    >
      <GraphiQL.Logo>
        <span className="product-name">Switchyard</span>
      </GraphiQL.Logo>
    </GraphiQL>,
  );
}

void show();
