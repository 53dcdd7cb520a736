import { defineConfig } from 'vitest/config';

/** Two projects: `fast` (in process, seconds) and `slow` (real processes, real MNIST, minutes). Timeouts are for hangs only. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/faults/**'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'slow',
          include: ['test/{e2e,faults}/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 2, // most of these tests wait for processes
        },
      },
    ],
  },
});
