import { type VenueId, VENUE_IDS } from "#server/domain/venue.ts";
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export type Origins = Readonly<Record<VenueId, { readonly http: string; readonly ws: string }>>;

export interface SimulatorProcess {
  readonly pid: number;
  readonly origins: Origins;
  /** With a body it posts, unless another method is named. */
  control(path: string, body?: object, method?: string): Promise<unknown>;
  stop(): Promise<void>;
}

export interface WorkerProcess {
  readonly pid: number;
  stop(): Promise<void>;
}

/** What the worker's process is told; everything else it knows from the product's own defaults. */
export interface WorkerSettings {
  readonly databaseUrl: string;
  readonly privateKeyFile: string;
  readonly origins: Origins;
}

const pathOf = (url: string): string => fileURLToPath(new URL(url, import.meta.url));

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error("a process did not start");
  return pid;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** The simulator as `npm start` runs it, on free ports and without the venues' rate limits. */
export async function startSimulatorProcess(seed: number): Promise<SimulatorProcess> {
  const child = spawn(process.execPath, [pathOf("../../simulator/main.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      NIJA_SIM_PORT_BASE: "0",
      NIJA_SIM_RATE_LIMITS: "off",
      NIJA_SIM_SEED: `bench-${seed}`,
      NIJA_FEED: "recorded",
    },
  });
  const addresses = new Map<string, string>();
  for await (const line of createInterface({ input: child.stdout })) {
    const [name, url] = line.split(/\s+/);
    if (name !== undefined && url !== undefined) addresses.set(name, url);
    if (addresses.size === 1 + VENUE_IDS.length) break;
  }
  const address = (name: string): string => {
    const url = addresses.get(name);
    if (url === undefined) throw new Error(`the simulator did not say where ${name} is`);
    return url;
  };
  const origin = (venue: VenueId): Origins[VenueId] => ({
    http: address(venue),
    ws: address(venue).replace(/^http/, "ws"),
  });
  return {
    pid: pidOf(child),
    origins: Object.fromEntries(VENUE_IDS.map((venue) => [venue, origin(venue)])) as Origins,
    async control(path, body, method = body === undefined ? "GET" : "POST") {
      const content = body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
      const request = { method, ...content };
      const response = await fetch(`${address("control")}${path}`, request);
      const answer: unknown = await response.json();
      if (!response.ok) throw new Error(`simulator ${path}: ${JSON.stringify(answer)}`);
      return answer;
    },
    async stop() {
      child.kill("SIGTERM");
      await ended(child);
    },
  };
}

/** One worker in a process of its own; answers when it claims jobs. What it logs is no part of a result. */
export async function startWorkerProcess(settings: WorkerSettings): Promise<WorkerProcess> {
  const child = fork(pathOf("./worker-process.ts"), { stdio: ["ignore", process.stderr.fd, "inherit", "ipc"] });
  const ready = once(child, "message");
  const gone = once(child, "exit").then(() => Promise.reject(new Error("the worker's process has ended")));
  gone.catch(() => undefined);
  child.send(settings);
  await Promise.race([ready, gone]);
  return {
    pid: pidOf(child),
    async stop() {
      child.kill("SIGTERM");
      await ended(child);
    },
  };
}
