import { defineConfig } from './gateway/index.ts';

/** The keys of the issuer that `npm start` makes tokens with. Without them nobody can prove who they are. */
const demoKeys = process.env['DEMO_ISSUER_KEYS'];
/** Where `npm start` keeps the trail. Without it none is kept. */
const trailFolder = process.env['DEMO_TRAIL_FOLDER'];

/** Where `npm start` keeps grants. Without it none are kept. */
const grantsFile = process.env['DEMO_GRANTS_FILE'];

/** The key that `npm start` signs requests with to the department that writes down who acts. Without it nothing is signed. */
const signingKey = process.env['DEMO_SIGNING_KEY'];

/** Where `npm start` keeps dispatches, and delivers them to. Without it none are kept. */
const dispatchFolder = process.env['DEMO_DISPATCH_FOLDER'];

/** Where city operations take findings from dispatches, and the key of their receipts. */
const findingsUrl = process.env['DEMO_FINDINGS_URL'];
const receiptKey = process.env['DEMO_RECEIPT_KEY'];

/** Where `npm start` keeps the work list of what departments contradict each other about. */
const workListUrl = process.env['DEMO_WORK_LIST_URL'];

/** Where `npm start -- --all` puts the rules of all departments together. */
const rulesFolder = process.env['DEMO_RULES_FOLDER'] ?? 'rules';

/** The analysis department's tables, and by what authority they are filled. */
function analysisRecipients(url: string | undefined) {
  if (!url) return {};
  const recipient = (table: string) => ({
    department: 'analysis',
    roles: ['analysis-feed'],
    receiver: { kind: 'postgres' as const, url, table },
  });
  return {
    'analysis-records': recipient('analysis.enterprise_record'),
    'analysis-figures': recipient('analysis.published_figure'),
  };
}

/** Settings of the reference deployment. Every setting, its unit and its default are documented in `gateway/config/`. */
export default defineConfig({
  supergraph: 'schema/supergraph.graphql',
  operations: 'schema/operations',
  authorisation: { rules: rulesFolder },
  identity: {
    issuers: demoKeys
      ? [
          {
            issuer: 'https://id.yunmei.example',
            audience: 'https://graph.yunmei.example',
            jwksFile: demoKeys,
            claims: { others: { uscc: 'uscc', pid: 'pid', district: 'district' } },
          },
        ]
      : [],
  },
  ...(signingKey && {
    signing: { keyFile: signingKey, keyId: 'demo-gateway' },
    allSubgraphs: { sign: false },
    subgraphs: { 'city-operations': { sign: true } },
  }),
  ...(grantsFile && { grants: { store: grantsFile } }),
  ...(dispatchFolder && {
    dispatch: {
      store: `${dispatchFolder}/dispatch.sqlite`,
      // A hundred thousand enterprises, a hundred a page.
      maxParts: 2_000,
      recipients: {
        ...analysisRecipients(process.env['DEMO_ANALYSIS_DATABASE_URL']),
        'fire-brigade': {
          department: 'fire',
          roles: ['fire-brigade'],
          receiver: { kind: 'folder', folder: `${dispatchFolder}/fire-brigade`, format: 'csv' },
        },
        ...(workListUrl && {
          'claims-desk': {
            department: 'city-operations',
            roles: ['data-steward'],
            receiver: { kind: 'postgres', url: workListUrl, table: 'fact_conflicts', createsTable: true },
          },
        }),
        ...(findingsUrl &&
          receiptKey && {
            'city-operations': {
              department: 'city-operations',
              roles: ['findings-desk'],
              receiver: { kind: 'webhook', url: findingsUrl, receiptKeyFile: receiptKey },
            },
          }),
      },
    },
  }),
  audit: {
    subjectClaims: { uscc: 'Enterprise', pid: 'Person' },
    ...(trailFolder && {
      store: `${trailFolder}/trail.sqlite`,
      keyFile: `${trailFolder}/key.pem`,
      secretFile: `${trailFolder}/subject-secret`,
    }),
  },
});
