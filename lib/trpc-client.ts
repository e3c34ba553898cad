import { createTRPCClient, httpBatchLink, type TRPCClient } from "@trpc/client";
import type { AppRouter } from "#server/routers/_app.ts";

export type { AppRouter };

const API_PATH = "/api/trpc";

/** Calls of one moment travel together, up to this many: the server refuses larger batches. */
const BATCH_MAX = 10;

/** The API as the browser calls it; the session travels in its cookie. */
export function createApiClient(): TRPCClient<AppRouter> {
  return createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: API_PATH, maxItems: BATCH_MAX })] });
}
