import type { NextConfig } from "next";

const config: NextConfig = {
  typedRoutes: true,
  reactStrictMode: true,
  poweredByHeader: false,
  // Every page carries a per-request nonce (see proxy.ts). A prerendered shell has no request and so no nonce, which is why
  // cacheComponents stays off; see docs of Next on content security policy and partial prerendering.
  typescript: {
    // The gate runs tsc over the whole repository. Doing the same in every build would cost a start on a fresh machine
    // half a minute, and would fail it for reasons that no user can mend.
    ignoreBuildErrors: true,
  },
  // These load native or WebAssembly parts at run time and must stay outside the bundle.
  serverExternalPackages: ["pg", "pino", "@prisma/client", "@prisma/adapter-pg"],
};

export default config;
