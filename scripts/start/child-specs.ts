import { join } from "node:path";
import type { ChildSpec } from "#scripts/start/child.ts";
import type { StartConfig } from "#scripts/start/config.ts";
import type { DataFolder } from "#scripts/start/data-folder.ts";
import { answersHttp, hasLiveWorker } from "#scripts/start/probe.ts";
import type { Secrets } from "#scripts/start/secrets.ts";

export interface Addresses {
  /** The URLs of the two application roles. */
  readonly web: string;
  readonly worker: string;
  /** With the demo in it: the embedded one only. */
  readonly isEmbedded: boolean;
}

export interface SpecParts {
  readonly config: StartConfig;
  readonly folder: DataFolder;
  readonly secrets: Secrets;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

type Vars = Record<string, string>;

/** What any process needs of the machine. Nothing else of the caller's environment is handed on by itself. */
const MACHINE = [
  "PATH",
  "HOME",
  "USER",
  "LANG",
  "LC_ALL",
  "TZ",
  "TMPDIR",
  "TERM",
  "SSL_CERT_FILE",
  "NODE_EXTRA_CA_CERTS",
  "HTTPS_PROXY",
  "NO_PROXY",
];
/** Settings of ours that a person may give, and which process hears of them. */
const SHARED_SETTINGS = ["NIJA_LOG_LEVEL", "NIJA_DATABASE_CONNECTIONS_MAX"];
const WEB_SETTINGS = ["NIJA_PROXY_HOPS", "PUSHER_PUBLIC_HOST", "PUSHER_PUBLIC_PORT"];
const WORKER_SETTINGS = ["NIJA_SETTLE_MS", "NIJA_MARKET_FALL_PERCENT", "NIJA_RESTING_STOPS"];
const SIMULATOR_SETTINGS = ["NIJA_SIM_SEED", "NIJA_SIM_RATE_LIMITS", "NIJA_FEED"];

const DRAIN_MS = 40_000;
const STOP_MS = 10_000;

/** Pusher Channels or another server of its protocol, when the environment names one; then none is embedded. */
export function usesHostedRealtime(environment: SpecParts["environment"]): boolean {
  return Boolean(environment["PUSHER_HOST"]);
}

function pick(environment: SpecParts["environment"], names: readonly string[]): Vars {
  return Object.fromEntries(names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])));
}

function pusherVars({ config, secrets, environment }: SpecParts): Vars {
  if (usesHostedRealtime(environment)) {
    return pick(environment, ["PUSHER_APP_ID", "PUSHER_KEY", "PUSHER_SECRET", "PUSHER_HOST", "PUSHER_PORT", "PUSHER_USE_TLS"]);
  }
  return {
    PUSHER_APP_ID: secrets.pusherAppId,
    PUSHER_KEY: secrets.pusherKey,
    PUSHER_SECRET: secrets.pusherSecret,
    PUSHER_HOST: loopbackOf(config.host),
    PUSHER_PORT: String(config.realtimePort),
  };
}

/** Where this machine reaches what listens on `host`. */
function loopbackOf(host: string): string {
  return host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
}

function baseVars(parts: SpecParts): Vars {
  return {
    ...pick(parts.environment, MACHINE),
    NODE_ENV: parts.config.dev ? "development" : "production",
    NIJA_SUPERVISOR_PID: String(process.pid),
  };
}

function sharedVars(parts: SpecParts, addresses: Addresses): Vars {
  return {
    ...baseVars(parts),
    ...pick(parts.environment, SHARED_SETTINGS),
    ...pusherVars(parts),
    NIJA_DEMO: addresses.isEmbedded ? "1" : "0",
    NIJA_VAULT_PUBLIC_KEY_FILE: parts.folder.vaultPublicKeyFile,
  };
}

export function simulatorSpec(parts: SpecParts): ChildSpec {
  const { config, environment, folder } = parts;
  const port = String(config.simulatorPortBase);
  return {
    name: "simulator",
    args: ["simulator/main.ts"],
    env: {
      ...baseVars(parts),
      ...pick(environment, SIMULATOR_SETTINGS),
      NIJA_SIM_PORT_BASE: port,
      NIJA_SIM_STATE: folder.simulatorStateFile,
    },
    isReady: () => answersHttp(`http://127.0.0.1:${port}/control/health`),
    stopTimeoutMs: STOP_MS,
  };
}

export function realtimeSpec(parts: SpecParts): ChildSpec {
  const { config } = parts;
  return {
    name: "realtime",
    args: ["realtime/main.ts"],
    env: {
      ...baseVars(parts),
      ...pusherVars(parts),
      NIJA_REALTIME_HOST: config.host,
      NIJA_REALTIME_PORT: String(config.realtimePort),
    },
    isReady: () => answersHttp(`http://${loopbackOf(config.host)}:${config.realtimePort}/health`),
    stopTimeoutMs: STOP_MS,
  };
}

export function webSpec(parts: SpecParts, addresses: Addresses): ChildSpec {
  const { config, environment, secrets } = parts;
  const next = join(config.root, "node_modules", "next", "dist", "bin", "next");
  return {
    name: "web",
    args: [next, config.dev ? "dev" : "start", "--port", String(config.webPort), "--hostname", config.host],
    env: {
      ...sharedVars(parts, addresses),
      ...pick(environment, WEB_SETTINGS),
      NEXT_TELEMETRY_DISABLED: "1",
      WEB_DATABASE_URL: addresses.web,
      NEXTAUTH_SECRET: environment["NEXTAUTH_SECRET"] || secrets.nextAuthSecret,
      NEXTAUTH_URL: config.origin,
      NIJA_ORIGIN: config.origin,
    },
    isReady: () => answersHttp(`http://${loopbackOf(config.host)}:${config.webPort}/api/health`),
    stopTimeoutMs: STOP_MS,
  };
}

export function workerSpec(parts: SpecParts, addresses: Addresses): ChildSpec {
  const { config, folder } = parts;
  const since = new Date();
  return {
    name: "worker",
    args: [...(config.dev ? ["--watch", "--watch-preserve-output"] : []), "worker/main.ts"],
    env: {
      ...sharedVars(parts, addresses),
      ...pick(parts.environment, WORKER_SETTINGS),
      WORKER_DATABASE_URL: addresses.worker,
      NIJA_VAULT_PRIVATE_KEY_FILE: folder.vaultPrivateKeyFile,
      NIJA_SIM_PORT_BASE: String(config.simulatorPortBase),
    },
    isReady: () => hasLiveWorker(addresses.worker, since),
    stopTimeoutMs: DRAIN_MS,
  };
}
