import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  // The examples of docs/ import the package by its name.
  resolve: {
    alias: [
      { find: /^jiffies$/, replacement: source('src/index.ts') },
      { find: /^jiffies\/(.*)$/, replacement: source('src/testing/$1.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts', 'docs/examples/**/*.test.ts'],
    // Machines are slow and shared: a timeout is for tests that hang, not for speed.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    coverage: {
      enabled: process.env['COVERAGE'] === '1',
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary'],
    },
  },
});
