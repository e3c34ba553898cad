import { webEnv } from "#server/env.ts";
import { handleTrpc } from "#server/http/handle-trpc.ts";
import { serverDeps } from "#server/server-deps.ts";

function handle(request: Request): Promise<Response> {
  const { NIJA_ORIGIN, NIJA_PROXY_HOPS } = webEnv();
  return handleTrpc(serverDeps(), { origin: NIJA_ORIGIN, proxyHops: NIJA_PROXY_HOPS }, request);
}

export { handle as GET, handle as POST };
