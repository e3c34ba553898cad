import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { publicCredentials } from "#simulator/control/credentials.ts";
import { faultSchema } from "#simulator/control/faults.ts";
import { SIM_VENUES } from "#simulator/feed/venue-markets.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/simulator.md"), "utf8");

it("the page tells the demo credentials that the simulator has", () => {
  for (const venue of SIM_VENUES) {
    const { apiKey, secret, passphrase = "" } = publicCredentials(venue, "demo");
    expect(page).toContain(`| ${venue} | \`${venue}-demo\` | \`${apiKey}\` |`);
    expect(page).toContain(secret.trim());
    expect(page).toContain(passphrase);
  }
});

it("the page describes every kind of fault", () => {
  const kinds = faultSchema.options.map((option) => option.shape.kind.value);
  expect(kinds.length).toBeGreaterThan(10);
  for (const kind of kinds) expect(page).toContain(`| \`${kind}\` |`);
});
