import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where distributions put Chromium and Chrome. NIJA_CHROMIUM names another one. */
const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

const FLAGS = [
  "--no-sandbox", // the tests run as root in containers, where the sandbox cannot start
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A headless Chromium of this machine with an empty profile. Throws with one sentence when there is none. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = [process.env["NIJA_CHROMIUM"] ?? "", ...PLACES].find((path) => path !== "" && existsSync(path));
  if (executablePath === undefined) {
    throw new Error("No Chromium was found: install one (apt-get install chromium), or name it in NIJA_CHROMIUM.");
  }
  return chromium.launch({ executablePath, args: FLAGS, headless: true });
}
