// The import table of ARCHITECTURE.md, enforced. A room may import itself and the rooms named here, nothing else; no cycles.

const may = {
  core: [],
  model: ['core', 'operation'],
  protocol: ['core', 'model', 'gateway/identity', 'operation'],
  policy: ['core'],
  patterns: ['core'],
  reports: ['core'],
  specs: ['core'],
  store: ['core'],
  jobs: ['core', 'store'],
  blobs: ['core'],
  sandbox: ['core'],
  git: ['core'],
  build: ['core', 'sandbox', 'specs', 'reports'],
  operation: ['core', 'store', 'blobs'],
  gateway: ['core', 'model', 'protocol', 'policy', 'store', 'jobs', 'blobs', 'operation'],
  transports: ['core', 'gateway', 'protocol', 'model', 'git', 'operation'],
  agent: ['core', 'specs', 'model', 'protocol'],
}
const serviceMay = [
  'core',
  'model',
  'protocol',
  'store',
  'jobs',
  'blobs',
  'sandbox',
  'git',
  'build',
  'specs',
  'reports',
  'policy',
  'patterns',
  'operation',
  'gateway/identity',
]

const rooms = list => `^src/(${list.join('|')})`
const tests = '\\.(test|suite)\\.ts$|^src/(testing|sandbox/testImages|.*/testing/)'

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    ...Object.entries(may).map(([room, others]) => ({
      name: `${room}-imports`,
      comment: `src/${room} may import ${others.join(', ') || 'nothing of ours'}`,
      severity: 'error',
      from: { path: `^src/${room}/`, pathNot: tests },
      to: { path: '^src/', pathNot: rooms([room, ...others]) },
    })),
    {
      name: 'services-imports',
      comment: 'a service never imports another service',
      severity: 'error',
      from: { path: '^src/services/([^/]+)/', pathNot: tests },
      to: { path: '^src/', pathNot: [rooms(serviceMay), '^src/services/$1/'] },
    },
    {
      name: 'only-server-meets-services',
      comment: 'implementations meet in server.ts; the command line reaches services over the wire',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests, '^src/services/', '^src/server\\.ts$', '^src/registry\\.ts$'] },
      to: { path: '^src/services/' },
    },
    {
      name: 'not-to-tests',
      severity: 'error',
      from: { pathNot: [tests, '^tests/', '^bench/', '^vitest'] },
      to: { path: tests },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
