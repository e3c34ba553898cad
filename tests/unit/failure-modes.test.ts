import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const MODES = 16;
const root = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/failure-modes.md", root), "utf8");
const rows = [...page.matchAll(/^\| (\d+) \| (.*?) \| `(.+?)` \| (.+) \|$/gm)].map(
  ([, number, failure = "", file = "", name = ""]) => ({
    number: Number(number),
    failure,
    file,
    name,
  }),
);

/** A title as it stands in the source: the whole string, not a part of a longer one. */
function hasTest(file: string, name: string): boolean {
  const source = readFileSync(new URL(file, root), "utf8");
  return ['"', "`"].some((quote) => source.includes(`${quote}${name}${quote}`));
}

describe("the table of failure modes", () => {
  test("has every number, in order, each with its failure once", () => {
    const numbers = rows.map(({ number }) => number);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    const named = rows.filter(({ failure }) => failure !== "").map(({ number }) => number);
    expect(named).toEqual(Array.from({ length: MODES }, (_, index) => index + 1));
  });

  test.each(rows)("$number names a test that is there: $name", ({ file, name }) => {
    expect(existsSync(new URL(file, root)), file).toBe(true);
    expect(hasTest(file, name), `${file}: ${name}`).toBe(true);
  });
});
