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
    // Processes are killed and browsers driven here, and a shared machine may stall any of them for longer than the longest wait. What
    // fails twice in a row is broken; the report names what needed its second run, and that is to be looked into.
    retry: process.env["CI"] === undefined ? 0 : 1,
  },
});
