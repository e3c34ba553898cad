import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { explainDifferences } from "#server/domain/movement/explain.ts";
import type { FoundMovement, UnnamedMovement } from "#server/domain/movement/movement.ts";

const AT = new Date("2026-11-21T12:00:00Z");

const amount = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.boolean(), fc.integer({ min: 0, max: 3 }))
  .map(([units, out, places]) => new Decimal(out ? -units : units).div(new Decimal(10).pow(places)));
const asset = fc.constantFrom("BTC", "USDT");

function movement(index: number, of: string, change: Decimal): FoundMovement {
  const kind = change.isNegative() ? "WITHDRAWAL" : "DEPOSIT";
  return { kind, asset: of, amount: change, reference: `m${index}`, at: new Date(AT.getTime() + index), detail: "" };
}

const found = fc
  .array(fc.tuple(asset, amount), { maxLength: 15 })
  .map((rows) => rows.map(([of, change], index) => movement(index, of, change)));
const differences = fc
  .dictionary(asset, amount)
  .map((by) => Object.entries(by).map(([of, change]) => ({ asset: of, amount: change })));
const standing = fc.subarray(["BTC", "USDT"]).map((assets) => new Set(assets));

const sum = (rows: readonly { readonly asset: string; readonly amount: Decimal }[], of: string): Decimal =>
  rows.filter((row) => row.asset === of).reduce((total, row) => total.plus(row.amount), ZERO);

describe("naming what differs", () => {
  it("books and leaves pending exactly the difference, asset by asset, and nothing that was not found", () => {
    fc.assert(
      fc.property(differences, found, standing, (differ, told, stood) => {
        const explained = explainDifferences({ differences: differ, found: told, unnamed: [], standing: stood });
        for (const of of ["BTC", "USDT"]) {
          const parts = [...explained.book, ...explained.unknown, ...explained.pending];
          expect(sum(parts, of).toFixed()).toBe(sum(differ, of).toFixed());
        }
        expect(new Set(explained.book).size).toBe(explained.book.length);
        for (const row of explained.book) expect(told).toContain(row);
        for (const { asset: of } of explained.unknown) expect(stood.has(of)).toBe(true);
        for (const { asset: of } of explained.pending) expect(stood.has(of)).toBe(false);
      }),
    );
  });

  it("calls nothing unknown that the lists explain to the last unit, at the first look", () => {
    fc.assert(
      fc.property(found, (told) => {
        const differ = ["BTC", "USDT"].map((of) => ({ asset: of, amount: sum(told, of) })).filter((row) => !row.amount.isZero());
        const { book, unknown, pending } = explainDifferences({
          differences: differ,
          found: told,
          unnamed: [],
          standing: new Set(),
        });
        expect([unknown, pending]).toEqual([[], []]);
        expect(book.length).toBe(told.length);
      }),
    );
  });
});

/** One change at the venue: told from the first look on, some looks later, or never. */
const change = fc.record({ asset, amount, toldAfter: fc.constantFrom(0, 1, 3, null), look: fc.integer({ min: 0, max: 5 }) });

interface Booked {
  readonly rows: { kind: string; asset: string; amount: Decimal; reference: string | null }[];
}

describe("look after look", () => {
  it("ends with ledger and venue equal, and with every movement booked once, whenever the venue told of it", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        const ledger: Booked = { rows: [] };
        let pending: readonly { asset: string; amount: Decimal }[] = [];
        const balance = (of: string, look: number): Decimal =>
          sum(
            changes.filter((row) => row.look <= look),
            of,
          );
        for (let look = 0; look <= 14; look += 1) {
          const told = changes
            .map((row, index) => ({ row, movement: movement(index, row.asset, row.amount) }))
            .filter(({ row }) => row.toldAfter !== null && row.look + row.toldAfter <= look)
            .map((pair) => pair.movement)
            .filter(({ reference }) => !ledger.rows.some((row) => row.reference === reference));
          const differ = ["BTC", "USDT"]
            .map((of) => ({ asset: of, amount: balance(of, look).minus(sum(ledger.rows, of)) }))
            .filter((row) => !row.amount.isZero());
          const stood = differ.filter((row) => pending.some((old) => old.asset === row.asset && old.amount.eq(row.amount)));
          const unnamed: UnnamedMovement[] = ledger.rows.flatMap((row, index) =>
            row.kind === "UNKNOWN"
              ? [{ id: String(index), asset: row.asset, amount: row.amount, foundAt: new Date(AT.getTime() + 1e6) }]
              : [],
          );
          const explained = explainDifferences({
            differences: differ,
            found: told,
            unnamed,
            standing: new Set(stood.map((row) => row.asset)),
          });
          ledger.rows.push(...explained.book.map((row) => ({ ...row })));
          ledger.rows.push(...explained.unknown.map((row) => ({ ...row, kind: "UNKNOWN", reference: null })));
          for (const { unnamed: row, movement: name } of explained.rename) {
            ledger.rows[Number(row.id)] = { ...name };
          }
          ({ pending } = explained);
        }
        for (const of of ["BTC", "USDT"]) expect(sum(ledger.rows, of).toFixed()).toBe(balance(of, 14).toFixed());
        const references = ledger.rows.flatMap((row) => row.reference ?? []);
        expect(new Set(references).size).toBe(references.length);
        // What is told in time, in an asset where nothing is told late or never, has its name.
        for (const of of ["BTC", "USDT"]) {
          const here = changes.filter((row) => row.asset === of);
          if (!here.every((row) => row.toldAfter === 0)) continue;
          expect(ledger.rows.filter((row) => row.asset === of && row.kind === "UNKNOWN")).toEqual([]);
        }
      }),
    );
  });
});
