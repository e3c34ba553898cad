import { type Browser, chromium } from "playwright-core";
import { findChromium } from "#scripts/gate/find-chromium.ts";

const FLAGS = [
  "--no-sandbox", // the tests run as root in containers, where the sandbox cannot start
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A headless Chromium of this machine with an empty profile. Throws `ChromiumMissing`, with one sentence, when there is none. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: FLAGS, headless: true });
}
