import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { identityOf } from "#scripts/database/process-identity.ts";

const ROOT = join(import.meta.dirname, "..", "..");

let folder: string;
let busy: Server;
let busyPort: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "nija-start-errors-"));
  busy = createServer();
  await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
  busyPort = (busy.address() as AddressInfo).port;
});

afterAll(async () => {
  await new Promise((resolve) => busy.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly errors: string;
}

/** `npm start` without npm around it, with an environment of its own. */
async function start(
  env: Record<string, string>,
  args: readonly string[] = [],
  nodeFlags: readonly string[] = [],
): Promise<Ended> {
  const child = spawn(process.execPath, [...nodeFlags, join(ROOT, "scripts", "start.mjs"), ...args], {
    cwd: ROOT,
    env: {
      NODE_ENV: "production",
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      NIJA_DATA_DIR: join(folder, "data"),
      ...env,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, errors };
}

/** One line, one sentence, for a person: no stack, no code of ours. */
function expectOneSentence({ code, errors }: Ended, sentence: RegExp): void {
  expect(errors.trimEnd()).toMatch(sentence);
  expect(errors.trimEnd().split("\n")).toHaveLength(1);
  expect(errors).toMatch(/\.\n$/);
  expect(code).toBe(1);
}

test("a port in use is named with what needs it and how to move it", async () => {
  const ended = await start({ NIJA_PORT: String(busyPort) });
  expectOneSentence(ended, new RegExp(`^Port ${busyPort} for the web is already in use: set NIJA_PORT to another one\\.$`));
});

test("a taken port of the simulator or of realtime stops the start as well", async () => {
  const free = { NIJA_PORT: "21871", NIJA_REALTIME_PORT: "21872" };
  expectOneSentence(
    await start({ ...free, NIJA_REALTIME_PORT: String(busyPort) }),
    /for realtime is already in use: set NIJA_REALTIME_PORT/,
  );
  expectOneSentence(
    await start({ ...free, NIJA_SIM_PORT_BASE: String(busyPort) }),
    /simulator's control is already in use: set NIJA_SIM_PORT_BASE/,
  );
});

test("two services meant for one port are told apart before either starts", async () => {
  const ended = await start({ NIJA_PORT: "21873", NIJA_REALTIME_PORT: "21873" });
  expectOneSentence(ended, /^Port 21873 is meant for the web and for realtime: set NIJA_REALTIME_PORT to another one\.$/);
});

test("a data folder that cannot be written is named", async () => {
  writeFileSync(join(folder, "a-file"), "");
  const ended = await start({ NIJA_DATA_DIR: join(folder, "a-file", "data") });
  expectOneSentence(
    ended,
    /^The folder .*a-file\/data cannot be written \(ENOTDIR\): give this user the right to, or set NIJA_DATA_DIR/,
  );
});

test("a folder that another start uses is left alone", async () => {
  const data = join(folder, "used");
  mkdirSync(data);
  writeFileSync(join(data, "running.json"), JSON.stringify(identityOf(process.pid)));
  const ended = await start({ NIJA_DATA_DIR: data });
  expectOneSentence(ended, new RegExp(`^Nija already runs from this folder as process ${process.pid}: stop it first`));
});

test("damaged secrets are never replaced by new ones", async () => {
  const data = join(folder, "damaged");
  mkdirSync(data);
  writeFileSync(join(data, "secrets.json"), '{"postgresPassword":');
  expectOneSentence(await start({ NIJA_DATA_DIR: data }), /^The file .*secrets\.json is damaged: restore it from a backup/);
});

test.each([
  ["not an address", "localhost/nija", /^DATABASE_URL is not an address such as postgresql:/],
  ["without a database", "postgresql://owner@localhost", /^DATABASE_URL is not an address such as postgresql:/],
])("a DATABASE_URL that is %s is refused", async (_what, url, sentence) => {
  expectOneSentence(await start({ DATABASE_URL: url }), sentence);
});

test("a database that does not answer is one sentence, and nothing is left running", async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const ended = await start({
    DATABASE_URL: `postgresql://owner:secret@127.0.0.1:${port}/nija`,
    NIJA_PORT: "21874",
    NIJA_REALTIME_PORT: "21875",
    NIJA_SIM_PORT_BASE: "21876",
  });
  expectOneSentence(ended, /^The database does not answer \(.*ECONNREFUSED.*\): check DATABASE_URL\.$/);
  expect(ended.errors).not.toContain("secret");
});

test("an old Node is told which one is needed", async () => {
  const pretend = 'data:text/javascript,Object.defineProperty(process,"version",{value:"v18.19.0"})';
  const ended = await start({}, [], ["--import", pretend]);
  expectOneSentence(ended, /^Nija needs Node 20 or newer and this is Node 18\.19\.0: install a newer one from nodejs\.org\.$/);
});

test("a setting or an option that means nothing is refused", async () => {
  expectOneSentence(await start({ NIJA_PORT: "http" }), /^NIJA_PORT must be a port number from 1 to 65535, not "http"\.$/);
  expectOneSentence(await start({ NIJA_ORIGIN: "nija" }), /^NIJA_ORIGIN must be the address people type/);
  expectOneSentence(await start({}, ["--fast"]), /^There is no option --fast: the only one is --dev\.$/);
});
