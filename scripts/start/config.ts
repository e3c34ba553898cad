import { join, resolve } from "node:path";
import { StartError } from "#scripts/start/start-error.ts";

/** What the person who starts may decide, all by environment variables. */
export interface StartConfig {
  readonly root: string;
  readonly dev: boolean;
  /** Secrets, database, logs. NIJA_DATA_DIR */
  readonly dataDirectory: string;
  /** Where web and realtime listen; 127.0.0.1 keeps them to this machine. NIJA_HOST */
  readonly host: string;
  readonly webPort: number; // NIJA_PORT
  readonly realtimePort: number; // NIJA_REALTIME_PORT
  /** The control API's port; the venues take the next three. NIJA_SIM_PORT_BASE */
  readonly simulatorPortBase: number;
  /** Null: 5433, or a free one when that is taken. NIJA_POSTGRES_PORT */
  readonly postgresPort: number | null;
  /** The address people type. NIJA_ORIGIN */
  readonly origin: string;
  /** The owner's URL of a database that somebody else runs, or null for the embedded one. DATABASE_URL */
  readonly databaseUrl: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

const PORT_MAX = 65_535;
const VENUE_PORTS = 3;

function readPort(environment: Environment, name: string, fallback: number, max = PORT_MAX): number {
  const text = environment[name];
  if (text === undefined || text === "") return fallback;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > max)
    throw new StartError(`${name} must be a port number from 1 to ${max}, not "${text}".`);
  return port;
}

function readDatabaseUrl(text: string | undefined): string | null {
  if (text === undefined || text === "") return null;
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text) || new URL(text).pathname.length < 2) {
    throw new StartError("DATABASE_URL is not an address such as postgresql://owner:password@host:5432/nija.");
  }
  return text;
}

function readOrigin(text: string | undefined, fallback: string): string {
  if (text === undefined || text === "") return fallback;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new StartError(`NIJA_ORIGIN must be the address people type, such as https://nija.example, not "${text}".`);
  }
  return new URL(text).origin;
}

/** Throws `StartError`. */
export function readStartConfig(environment: Environment, root: string, args: readonly string[]): StartConfig {
  const unknown = args.find((arg) => arg !== "--dev");
  if (unknown !== undefined) throw new StartError(`There is no option ${unknown}: the only one is --dev.`);
  const webPort = readPort(environment, "NIJA_PORT", 3000);
  const postgresText = environment["NIJA_POSTGRES_PORT"];
  return {
    root,
    dev: args.includes("--dev"),
    dataDirectory: resolve(root, environment["NIJA_DATA_DIR"] || join(root, ".data")),
    host: environment["NIJA_HOST"] || "127.0.0.1",
    webPort,
    realtimePort: readPort(environment, "NIJA_REALTIME_PORT", 6001),
    simulatorPortBase: readPort(environment, "NIJA_SIM_PORT_BASE", 4010, PORT_MAX - VENUE_PORTS),
    postgresPort: postgresText ? readPort(environment, "NIJA_POSTGRES_PORT", 5433) : null,
    origin: readOrigin(environment["NIJA_ORIGIN"], `http://localhost:${webPort}`),
    databaseUrl: readDatabaseUrl(environment["DATABASE_URL"]),
  };
}
