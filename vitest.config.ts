import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // Vitest would otherwise load a second copy of graphql ("another module or realm").
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/postgres.ts'],
    // Modules are read once a worker, which halves the time: no test changes one, nor what is global.
    isolate: false,
    // By itself vitest leaves one core idle, which of two is half.
    maxWorkers: '100%',
    testTimeout: 30_000,
    // What happens behind an answer is looked for until it is there: on a busy machine that takes longer than the usual second.
    expect: { poll: { timeout: 15_000 } },
    hookTimeout: 60_000,
    coverage: { provider: 'v8', reportOnFailure: true, include: ['src/**/*.ts'], reporter: ['text-summary'] },
  },
});
