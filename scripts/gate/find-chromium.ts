import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const MAC = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** There is no browser and none can be installed. The message is one sentence for a person. */
export class ChromiumMissing extends Error {
  override readonly name = "ChromiumMissing";
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The browser that the end-to-end tests drive: NIJA_CHROMIUM, or one that is installed. Throws `ChromiumMissing`. */
export function findChromium(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const named = environment["NIJA_CHROMIUM"];
  if (named) {
    if (isExecutable(named)) return named;
    throw new ChromiumMissing(`NIJA_CHROMIUM names ${named}, which is not a program that can be run.`);
  }
  const folders = (environment["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const found = [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...MAC].find(isExecutable);
  if (found !== undefined) return found;
  throw new ChromiumMissing("The end-to-end tests need Chromium: install it, or set NIJA_CHROMIUM to the program.");
}

/** Finds Chromium; on Debian and as root installs the distribution's when there is none. Throws `ChromiumMissing`. */
export function ensureChromium(say: (line: string) => void): string {
  try {
    return findChromium();
  } catch (error) {
    const mayInstall = !process.env["NIJA_CHROMIUM"] && process.getuid?.() === 0 && existsSync("/etc/debian_version");
    if (!mayInstall) throw error;
  }
  say("Installing Chromium (apt-get install chromium), once...");
  try {
    execFileSync("apt-get", ["update", "-qq"], { stdio: "pipe" });
    execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], {
      stdio: "pipe",
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  } catch (cause) {
    throw new ChromiumMissing("Chromium could not be installed with apt-get: install it by hand, or set NIJA_CHROMIUM.", {
      cause,
    });
  }
  return findChromium();
}
