import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listSources, ROOT } from "#tests/support/source/list-sources.ts";
import { EXEMPTIONS, TIDY_RULES, type TidyRule } from "#tests/support/source/tidy-rules.ts";

/** Text that we wrote: no recorded data, no lock, no pictures. */
const isOurs = (path: string): boolean =>
  /\.(tsx?|mjs|sql|css|md|json|yml|yaml|prisma)$/.test(path) &&
  !/^(package-lock\.json|next-env\.d\.ts|simulator\/data\/|tests\/fixtures\/|tests\/output\/|public\/sw)/.test(path);

const files = listSources(".", isOurs).map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));

function ruleOf(name: string): TidyRule {
  const rule = TIDY_RULES.find((candidate) => candidate.name === name);
  if (rule === undefined) throw new Error(`there is no rule "${name}"`);
  return rule;
}

const isExempt = (path: string, rule: TidyRule): boolean =>
  EXEMPTIONS.some((exemption) => exemption.path === path && exemption.rule === rule.name);

test.each(TIDY_RULES.map((rule) => [rule.name, rule] as const))("%s", (_name, rule) => {
  const judged = files.filter(({ path }) => rule.applies(path) && !isExempt(path, rule));
  expect(judged.length, "files visited").toBeGreaterThan(50);
  expect(judged.flatMap(({ path, text }) => rule.find(path, text))).toEqual([]);
});

test("every exemption is still needed", () => {
  const idle = EXEMPTIONS.filter(({ path, rule }) => {
    const file = files.find((candidate) => candidate.path === path);
    return file === undefined || ruleOf(rule).find(path, file.text).length === 0;
  });
  expect(idle).toEqual([]);
});

test.each([
  ["files stay short", "server/domain/long.ts", "x\n".repeat(301)],
  ["files stay short", "tests/unit/long.test.ts", "x\n".repeat(501)],
  ["files and folders are kebab-case", "server/domain/placeIntent.ts", ""],
  ["files and folders are kebab-case", "server/Domain/place-intent.ts", ""],
  ["no drawer for odds and ends", "lib/utils/format.ts", ""],
  ["no drawer for odds and ends", "server/order-manager.ts", ""],
  ["no barrel", "server/domain/index.ts", ""],
  ["nothing is left for later", "server/domain/money.ts", "// TODO: round"],
  ["nothing is left for later", "server/domain/money.ts", 'throw new Error("not implemented");'],
  ["no test is skipped", "tests/unit/money.test.ts", 'test.skip("a", () => {});'],
  ["no test is skipped", "tests/unit/money.test.ts", 'describe.concurrent.only("a", () => {});'],
  ["our own modules are never mocked", "tests/unit/money.test.ts", 'vi.mock("#server/domain/money.ts");'],
  ["types are not silenced", "server/domain/money.ts", "const x = y as any;"],
  ["types are not silenced", "server/domain/money.ts", "// @ts-expect-error"],
  ["money never passes a float", "server/domain/money.ts", "parseFloat(text)"],
  ["chance comes from crypto or a seed", "simulator/engine/fees.ts", "Math.random()"],
  ["nothing knows the machine it was written on", "server/domain/money.ts", 'readFile("/tmp/prices.json")'],
  ["plain punctuation", "docs/page.md", "one \u2014 two"],
])("the rule can fail: %s: %s", (name, path, text) => {
  const rule = ruleOf(name);
  expect(rule.applies(path)).toBe(true);
  expect(rule.find(path, text)).toHaveLength(1);
});
