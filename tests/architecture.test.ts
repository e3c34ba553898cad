import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isTypeScript, listSources, ROOT } from "#tests/support/source/list-sources.ts";
import { readImports } from "#tests/support/source/read-imports.ts";
import { findViolation, ROOMS, roomOf } from "#tests/support/source/rooms.ts";

const files = listSources(".", (path) => isTypeScript(path) && roomOf(path) !== undefined);

function violationsOf(path: string, text: string): string[] {
  return readImports(path, text).flatMap((found) => findViolation(path, found) ?? []);
}

test("arrows between rooms point inward: every file imports only what its room may", () => {
  expect(files.flatMap((path) => violationsOf(path, readFileSync(join(ROOT, path), "utf8")))).toEqual([]);
});

test("the rule was held against every room, and against imports in each", () => {
  const visited = new Map(ROOMS.map(({ path }) => [path, { files: 0, imports: 0 }]));
  for (const path of files) {
    const count = visited.get(roomOf(path)?.path ?? "");
    if (count === undefined) throw new Error(`${path} belongs to no room`);
    count.files += 1;
    count.imports += readImports(path, readFileSync(join(ROOT, path), "utf8")).length;
  }
  expect([...visited].filter(([, count]) => count.files === 0 || count.imports === 0)).toEqual([]);
  expect(files.length).toBeGreaterThan(200);
});

test.each([
  ["server/domain/order/order.ts", 'import { createHash } from "node:crypto";'],
  ["server/domain/order/order.ts", 'import type { Tx } from "#server/data/tx.ts";'],
  ["server/domain/order/order.ts", 'import { x } from "../../data/tx.ts";'],
  ["server/services/place-intent.ts", 'import { submitOrder } from "#server/execution/submit-order.ts";'],
  ["server/services/place-intent.ts", 'import type { Executor } from "#server/execution/executors/executor.ts";'],
  ["server/services/connect-venue.ts", 'import { createOpener } from "#server/vault/open.ts";'],
  ["server/services/place-intent.ts", 'const later = await import("#server/jobs/claim.ts");'],
  ["server/services/place-intent.ts", 'export * from "#server/execution/submit-order.ts";'],
  ["server/services/place-intent.ts", "const later = await import(name);"],
  ["server/routers/trade/place.ts", 'import { insertIntent } from "#server/data/orders/insert-intent.ts";'],
  ["server/data/orders/insert-order.ts", 'import { PrismaClient } from "#prisma/generated/client.ts";'],
  ["server/data/orders/insert-order.ts", 'import "server-only";'],
  ["server/execution/submit-order.ts", 'import ccxt from "ccxt";'],
  ["server/server-deps.ts", 'import { createOpener } from "#server/vault/open.ts";'],
  ["server/server-deps.ts", 'import { submitOrder } from "#server/execution/submit-order.ts";'],
  ["lib/format/number.ts", 'import { appRouter } from "#server/routers/_app.ts";'],
  ["components/ui/button.tsx", 'import { placeIntent } from "#server/services/place-intent.ts";'],
  ["app/(app)/dashboard/page.tsx", 'import { serverDeps } from "#server/server-deps.ts";'],
  ["worker/main.ts", 'import { startSimulator } from "#simulator/server/start-simulator.ts";'],
  ["worker/main.ts", 'import ccxt from "ccxt";'],
  ["simulator/engine/fees.ts", 'import type { Tx } from "#server/data/tx.ts";'],
  ["realtime/server.ts", 'import { z } from "zod";'],
  ["realtime/server.ts", 'import { systemClock } from "#server/clock.ts";'],
])("a planted violation in %s is caught: %s", (path, line) => {
  expect(violationsOf(path, line)).toHaveLength(1);
});

test.each([
  ["lib/trpc-client.ts", 'import type { AppRouter } from "#server/routers/_app.ts";'],
  ["server/execution/executors/ccxt/connection.ts", 'import ccxt from "ccxt";'],
  ["server/data/prisma.ts", 'import { PrismaClient } from "#prisma/generated/client.ts";'],
  ["server/services/connect-venue.ts", 'import type { CredentialSealer } from "#server/vault/seal.ts";'],
  ["app/api/health/route.ts", 'import { serverDeps } from "#server/server-deps.ts";'],
])("what the rule allows passes: %s: %s", (path, line) => {
  expect(violationsOf(path, line)).toEqual([]);
});
