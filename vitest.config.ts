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
    // These end what hangs, and are no bounds of what is shown: on a busy machine the longest tests take ten times as long.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What happens behind an answer is looked for until it is there.
    expect: { poll: { timeout: 60_000 } },
    coverage: { provider: 'v8', reportOnFailure: true, include: ['src/**/*.ts'], reporter: ['text-summary'] },
  },
});
