import { webEnv } from "#server/env.ts";
import { authorizeChannel } from "#server/http/authorize-channel.ts";
import { serverDeps } from "#server/server-deps.ts";

export function POST(request: Request): Promise<Response> {
  const env = webEnv();
  const { PUSHER_APP_ID: appId, PUSHER_KEY: key, PUSHER_SECRET: secret, PUSHER_HOST: host } = env;
  const pusher = { appId, key, secret, host };
  return authorizeChannel(serverDeps(), { origin: env.NIJA_ORIGIN, proxyHops: env.NIJA_PROXY_HOPS, pusher }, request);
}
