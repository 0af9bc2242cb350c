import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // faiss-node crashes in threads; each file gets a process of its own.
    pool: 'forks',
    include: ['test/**/*.test.ts'],
    // FiftyOne is large and no part of the set-up: a reader of its format stands in for it where nobody names one (CONTRIBUTING.md).
    exclude: [...configDefaults.exclude, ...(process.env['FIFTYONE_PYTHON'] === undefined ? ['test/integration/fiftyone.test.ts'] : [])],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: more processes at once only wait for each other.
    maxWorkers: 2,
  },
});
