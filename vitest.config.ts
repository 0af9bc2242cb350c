import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // faiss-node crashes in threads; each file gets a process of its own.
    pool: 'forks',
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: more processes at once only wait for each other.
    maxWorkers: 2,
  },
});
