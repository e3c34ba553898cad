import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { onTestFinished } from "vitest";
import type { E2ePlatform, Trader } from "./e2e-platform.ts";

const OUTPUT = join(import.meta.dirname, "..", "output");
/** Bounds a hang; nothing asserts a speed. */
const WAIT_MS = 45_000;

export const PHONE = { width: 390, height: 844 } as const;
export const DESKTOP = { width: 1440, height: 900 } as const;

export interface TestPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors, uncaught exceptions, failed requests and answers of 400 and above, in order. */
  readonly problems: string[];
}

interface PageOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly theme?: "dark" | "light";
}

/** A request that a navigation or an unmount gave up is no failure. */
function isAbandoned(reason: string | undefined): boolean {
  return reason === "net::ERR_ABORTED";
}

function collectProblems(page: Page): string[] {
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`exception: ${error.message}`));
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText;
    if (!isAbandoned(reason)) problems.push(`failed: ${request.method()} ${request.url()} ${reason ?? ""}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`status ${response.status()}: ${response.url()}`);
  });
  return problems;
}

async function tellFailure(name: string, page: Page, problems: readonly string[], platform: E2ePlatform): Promise<void> {
  mkdirSync(OUTPUT, { recursive: true });
  const file = join(OUTPUT, `${name.replace(/[^a-z0-9]+/gi, "-").slice(0, 80)}.png`);
  await page.screenshot({ path: file, fullPage: true }).catch(() => undefined);
  const lines = [`screenshot: ${file}`, `address: ${page.url()}`, ...problems, platform.logs()];
  process.stderr.write(`\n${name}\n${lines.join("\n")}\n`);
}

/**
 * A browser of its own for this test. When the test fails, its screenshot lands in tests/output and the processes' last words on the
 * terminal.
 */
export async function openPage(
  platform: E2ePlatform,
  { viewport = DESKTOP, theme = "dark" }: PageOptions = {},
): Promise<TestPage> {
  const context = await platform.browser.newContext({
    baseURL: platform.origin,
    viewport,
    locale: "en-US",
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(WAIT_MS);
  await context.addCookies([{ name: "nija-theme", value: theme, url: platform.origin }]);
  const page = await context.newPage();
  const problems = collectProblems(page);
  onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail") await tellFailure(task.name, page, problems, platform);
    await context.close();
  });
  return { page, context, problems };
}

/** Signs in through the form and answers when the page behind it is there. */
export async function signIn(
  page: Page,
  { email, password }: Pick<Trader, "email" | "password">,
  path = "/dashboard",
): Promise<void> {
  await page.goto(path);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname === new URL(path, url).pathname);
  await page.getByRole("heading", { level: 1 }).waitFor();
}

/** The text of the connection in the header: Live, Catching up, Connecting or Offline. */
export async function waitForConnection(page: Page, label: string): Promise<void> {
  // Not by role: behind a dialog the header is hidden from assistive technology, and still seen.
  await page.locator(`[aria-label="Connection: ${label}"]`).waitFor();
}
