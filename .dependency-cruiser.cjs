/** Imports go pipelines -> operators -> schemas; infra implements ports that operators declare. */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    { name: 'schemas-know-nothing', severity: 'error', from: { path: '^schemas/' }, to: { path: '^(operators|infra|pipelines|bench|test)/' } },
    { name: 'operators-know-no-world', severity: 'error', from: { path: '^operators/' }, to: { path: '^(infra|pipelines|bench|test)/' } },
    { name: 'state-is-pure', severity: 'error', from: { path: '^operators/state/' }, to: { pathNot: '^(operators/state/|schemas/|operators/items\\.ts)' } },
    { name: 'infra-knows-no-pipelines', severity: 'error', from: { path: '^infra/' }, to: { path: '^(pipelines|bench|test)/' } },
    { name: 'infra-knows-ports-only', severity: 'error', from: { path: '^infra/' }, to: { path: '^operators/', pathNot: '^operators/ports\\.ts$' } },
    { name: 'kafkajs-is-mended-first', severity: 'error', from: { pathNot: '^(infra/kafka/kafkajs\\.ts$|test/)' }, to: { path: 'node_modules/kafkajs', dependencyTypesNot: ['type-only'] } },
    { name: 'no-test-code', severity: 'error', from: { pathNot: '^(test|examples|bench)/' }, to: { path: '^test/' } },
    { name: 'not-declared', severity: 'error', from: {}, to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] } },
    { name: 'unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js', '.cjs'], exportsFields: ['exports'], conditionNames: ['sluice-source', 'import', 'node', 'default'] },
  },
};
