// Imports run one way, from the table in the architecture. Each folder names what it may import besides itself; `planted` below
// `test` repeats two folders with an arrow that runs back, which the test command must find.

const foundation = ['access/', 'clock.ts', 'version.ts'];

/** A subject may import those before it. */
const subjects = ['trunks/', 'clients/', 'numbers/', 'orders/', 'messages/', 'wallet/', 'mutations/', 'gateway/'];
const belowSubjects = [
  ...foundation,
  'account.ts',
  'operations/',
  'graph/',
  'events/',
  'storage/',
  'cache/',
  'didfarm/',
];

/** What became of a call is looked up in these listings of the subjects above. */
const listings = ['trunks/refresh.ts', 'wallet/refresh.ts', 'wallet/mirror-state.ts', 'wallet/wallet.ts'];

const mayImport = {
  'config.ts': ['access/', 'accounts-file.ts', 'config-faults.ts'],
  'config-faults.ts': ['access/', 'accounts-file.ts'],
  'accounts-file.ts': ['access/'],
  'clock.ts': [],
  'version.ts': [],
  'access/': ['clock.ts'],
  'sandbox/': [],
  'didfarm/': ['clock.ts'],
  'storage/': ['access/'],
  'cache/': [...foundation, 'storage/', 'didfarm/'],
  'events/': [...foundation, 'storage/'],
  'account.ts': [...foundation, 'storage/', 'cache/', 'didfarm/'],
  'operations/': [...foundation, 'account.ts', 'storage/', 'didfarm/', ...listings],
  'graph/': [
    ...foundation,
    'account.ts',
    'operations/',
    'events/',
    'storage/',
    'cache/reading.ts',
    'didfarm/errors.ts',
    'didfarm/call-options.ts',
  ],
  ...Object.fromEntries(subjects.map((subject, place) => [subject, [...belowSubjects, ...subjects.slice(0, place)]])),
  'webhooks/': [...belowSubjects, ...subjects],
  'schema.ts': ['graph/', ...subjects, 'webhooks/'],
  'server/': [...foundation, 'schema.ts', 'graph/', 'webhooks/', 'cache/'],
  // What app.ts is made of: an account at work, callers' accounts, how subscriptions are shared.
  'composition/': [...belowSubjects, ...subjects, 'config.ts', 'webhooks/', 'server/'],
  'banner.ts': ['config.ts'],
  'main.ts': [
    'access/token-command.ts',
    'accounts-file.ts',
    'app.ts',
    'banner.ts',
    'config.ts',
    'sandbox/',
    'server/log.ts',
  ],
};

const place = (paths) =>
  `(^|/)src/(${paths.map((path) => path.replace('.', '\\.') + (path.endsWith('/') ? '' : '$')).join('|')})`;

module.exports = {
  forbidden: [
    ...Object.entries(mayImport).map(([folder, allowed]) => ({
      name: `${folder} imports only what is below it`,
      severity: 'error',
      from: { path: place([folder]) },
      to: { path: '(^|/)src/', pathNot: place([folder, ...allowed]) },
    })),
    {
      name: 'every folder has its place',
      comment: 'A new folder or file of src is entered in the table above.',
      severity: 'error',
      from: { path: '(^|/)src/', pathNot: place([...Object.keys(mayImport), 'app.ts']) },
      to: {},
    },
    {
      name: 'no circles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'the product runs without the tools',
      severity: 'error',
      from: { path: '(^|/)src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'undetermined'] },
    },
    {
      name: 'everything imported is there',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    parser: 'swc',
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
