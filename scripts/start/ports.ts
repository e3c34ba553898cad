import { type AddressInfo, createServer } from "node:net";
import { StartError } from "#scripts/start/start-error.ts";

/** Null when the port can be listened on now, else why not. Port 0 answers the one that the system chose. */
async function tryPort(port: number, host: string): Promise<{ readonly port: number } | { readonly problem: string }> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ port, host, exclusive: true }, resolve);
    });
    return { port: (server.address() as AddressInfo).port };
  } catch (error) {
    return { problem: (error as NodeJS.ErrnoException).code ?? "UNKNOWN" };
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "is already in use",
  EACCES: "may not be used by this user",
  EADDRNOTAVAIL: "cannot be used, because the host is not one of this machine",
  ENOTFOUND: "cannot be used, because the host name is not known",
};

export interface WantedPort {
  readonly port: number;
  readonly host: string;
  /** What needs it, as the start of a sentence. */
  readonly what: string;
  /** The environment variable that moves it. */
  readonly variable: string;
}

/** Throws `StartError` naming the first port that is taken and how to move it. */
export async function assertPortsFree(wanted: readonly WantedPort[]): Promise<void> {
  const seen = new Map<number, WantedPort>();
  for (const { port, host, what, variable } of wanted) {
    const other = seen.get(port);
    if (other !== undefined)
      throw new StartError(`Port ${port} is meant for ${other.what} and for ${what}: set ${variable} to another one.`);
    seen.set(port, { port, host, what, variable });
    const result = await tryPort(port, host);
    if ("problem" in result) {
      const reason = REASONS[result.problem] ?? `cannot be used (${result.problem})`;
      throw new StartError(`Port ${port} for ${what} ${reason}: set ${variable} to another one.`);
    }
  }
}

/** `preferred` when it is free on this machine's loopback, else any free port. */
export async function chooseLoopbackPort(preferred: number, avoid: readonly number[]): Promise<number> {
  for (const port of [preferred, 0, 0, 0]) {
    const result = await tryPort(port, "127.0.0.1");
    if ("port" in result && !avoid.includes(result.port)) return result.port;
  }
  throw new StartError("No port of this machine is free for the database: set NIJA_POSTGRES_PORT.");
}
