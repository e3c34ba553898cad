import { headers } from "next/headers";
import { createContext, readRequestFacts } from "#server/context.ts";
import { webEnv } from "#server/env.ts";
import { createCaller } from "#server/routers/_app.ts";
import { serverDeps } from "#server/server-deps.ts";

/**
 * The one door for server components: the same procedures with the same checks, without HTTP. Reads the request's cookies, so
 * a page that calls it is rendered per request.
 */
export async function serverCaller(): Promise<ReturnType<typeof createCaller>> {
  const received = await headers();
  const facts = readRequestFacts(received, webEnv().NIJA_PROXY_HOPS);
  return createCaller(await createContext(serverDeps(), received, facts));
}
