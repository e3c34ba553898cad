import { describe, expect, test } from "vitest";
import { evidenceOf, readEvidence, rememberEvidence } from "#server/execution/executors/ccxt/evidence.ts";
import { readItem, refusedItem, rowsByName, rowsInOrder, rowsOfBatch } from "#server/execution/executors/ccxt/batch-rows.ts";
import { MalformedAnswer, text } from "#server/execution/executors/ccxt/wire-value.ts";

const row = (id: string, more: object = {}) => ({ id, ...more });

describe("the rows of an answer about a list", () => {
  test("belong to the item that they name, in whatever order they come, and to none if two claim it", () => {
    const rows = [row("b"), null, row("a"), row("c"), row("c", { again: true }), row("x")];
    expect(rowsByName(rows, ["a", "b", "c", "d"], ["id"])).toEqual([row("a"), row("b"), null, null]);
    expect(rowsByName([{ id: "", text: "a" }], ["a"], ["id", "text"])).toEqual([{ id: "", text: "a" }]);
  });

  test("say nothing about anybody when they carry no name and are not as many as the items", () => {
    expect(rowsInOrder([row("a"), row("b")], 2)).toEqual([row("a"), row("b")]);
    expect(rowsInOrder([row("a")], 2)).toEqual([null, null]);
    expect(rowsInOrder([row("a"), row("b"), row("c")], 2)).toEqual([null, null]);
  });

  test("are read although the client library threw, if the venue answered with them", async () => {
    const thrown = (status: number, body: object) => async () => {
      const error = new Error("refused");
      rememberEvidence(error, readEvidence(status, {}, JSON.stringify(body)));
      throw error;
    };
    const pick = (answer: Readonly<Record<string, unknown>>) => answer["data"];
    expect(await rowsOfBatch(thrown(200, { data: [row("a"), 7] }), pick)).toEqual([row("a"), null]);
    for (const call of [thrown(200, { data: [] }), thrown(200, { msg: "no" }), thrown(503, { data: [row("a")] })]) {
      await expect(rowsOfBatch(call, pick)).rejects.toThrow("refused");
    }
    await expect(rowsOfBatch(async () => ({ data: "none" }), pick)).rejects.toThrow(MalformedAnswer);
    await expect(rowsOfBatch(async () => [row("a")], pick)).rejects.toThrow(MalformedAnswer);
  });
});

describe("one item of a list", () => {
  test("that is missing, or is not what it should be, is no refusal", () => {
    expect(readItem(null, () => "read")).toBeInstanceOf(MalformedAnswer);
    expect(readItem({}, (each) => text(each, "id"))).toBeInstanceOf(MalformedAnswer);
    expect(readItem(row("a"), (each) => text(each, "id"))).toBe("a");
  });

  test("that is refused keeps the venue's words, as if it had been asked for alone", () => {
    expect(evidenceOf(refusedItem({ label: "BALANCE_NOT_ENOUGH" }))).toMatchObject({
      status: 200,
      json: { label: "BALANCE_NOT_ENOUGH" },
    });
  });
});
