import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const DATA_FOLDER = join(import.meta.dirname, "..", "data");

/** Prices here are numbers, not Decimals: they shape a made-up market and are put on its tick before anybody trades at them. */
export interface HourBar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number; // base
}

export interface RecordedBook {
  readonly bids: readonly (readonly [price: number, amount: number])[];
  readonly asks: readonly (readonly [price: number, amount: number])[];
}

function readGzipLines(file: string): string[] {
  return gunzipSync(readFileSync(join(DATA_FOLDER, file)))
    .toString("utf8")
    .trimEnd()
    .split("\n");
}

/** Recorded coinbase hours of BTC, ETH or SOL against USD, oldest first, without gaps. */
export function readHourBars(base: string): HourBar[] {
  return readGzipLines(`coinbase_${base}-USD_1h.csv.gz`)
    .slice(1)
    .map((line) => {
      const [, open = Number.NaN, high = Number.NaN, low = Number.NaN, close = Number.NaN, volume = Number.NaN] = line
        .split(",")
        .map(Number);
      return { open, high, low, close, volume };
    });
}

/** Recorded binance BTC/USDT books, one a second. */
export function readBooks(): RecordedBook[] {
  return readGzipLines("binance_BTC-USDT_books_300s.jsonl.gz").map((line) => JSON.parse(line) as RecordedBook);
}

/** The rows of markets.csv, by column name. */
export function readMarketRows(): Record<string, string>[] {
  const [head = "", ...rows] = readFileSync(join(DATA_FOLDER, "markets.csv"), "utf8").trimEnd().split("\n");
  const names = head.split(",");
  return rows.map((row) => {
    const cells = row.split(",");
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ""]));
  });
}
