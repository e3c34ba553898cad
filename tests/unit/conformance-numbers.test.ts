import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const suites = readdirSync(new URL("tests/conformance/", root)).filter((name) => /^executor-.*\.test\.ts$/.test(name));
const titles = suites.flatMap((name) => {
  const source = readFileSync(new URL(`tests/conformance/${name}`, root), "utf8");
  return [...source.matchAll(/["`](EX-\d+) ([^"`]+)["`]/g)].map(([, number = "", title = ""]) => ({ number, title, name }));
});
const listed = [...readFileSync(new URL("docs/conformance.md", root), "utf8").matchAll(/^\| (EX-\d+) \| (.+) \|$/gm)].map(
  ([, number = ""]) => number,
);

describe("the list of conformance cases", () => {
  test("names each case of the suites once, in order, and no other", () => {
    expect(titles.length).toBeGreaterThan(50);
    expect(listed).toEqual([...new Set(titles.map(({ number }) => number))].sort());
  });

  test("no number stands for two cases", () => {
    expect(titles.map(({ number }) => number)).toEqual([...new Set(titles.map(({ number }) => number))]);
  });

  test("every case of the suites that all venues pass has a number", () => {
    const unnumbered = suites.flatMap((name) => {
      const source = readFileSync(new URL(`tests/conformance/${name}`, root), "utf8");
      if (!source.includes("describe.each(VENUE_IDS)")) return [];
      return [...source.matchAll(/(?:\btest|\))\(\s*["`](?!EX-|executor at )([^"`]+)/g)].map(
        ([, title = ""]) => `${name}: ${title}`,
      );
    });
    expect(unnumbered).toEqual([]);
  });
});
