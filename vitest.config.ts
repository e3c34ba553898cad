import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: ["tests/support/global-setup.ts"],
    setupFiles: ["tests/support/fail-on-console-error.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two shared cores: more workers than that only make every wait longer.
    maxWorkers: 2,
    // One for each venue: most of such a test is waiting.
    maxConcurrency: 8,
  },
});
