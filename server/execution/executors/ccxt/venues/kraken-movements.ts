import type { kraken as Kraken } from "ccxt";
import type { MovementQuery, VenueMovement } from "#server/execution/executors/venue-movement.ts";
import { MOVEMENT_PAGES_MAX, reward, transfer } from "#server/execution/executors/ccxt/venues/movement-reads.ts";
import {
  asRecord,
  decimal,
  instant,
  MalformedAnswer,
  text,
  type WireRecord,
} from "#server/execution/executors/ccxt/wire-value.ts";

/** Asked one by one, since trades would fill the pages of a question about everything. */
const TYPES = ["deposit", "withdrawal", "transfer", "staking"] as const;
const PAGE = 50;

/** Entries of the venue's ledger that are no trades; amount and fee as they changed the balance. */
export async function readKrakenMovements(exchange: Kraken, query: MovementQuery): Promise<readonly VenueMovement[]> {
  const movements: VenueMovement[] = [];
  for (const type of TYPES) {
    for (let page = 0; ; page += 1) {
      if (page === MOVEMENT_PAGES_MAX) throw new MalformedAnswer("the ledger does not end");
      const start = query.since.getTime() / 1000;
      const answer = asRecord(await exchange.privatePostLedgers({ type, start, ofs: page * PAGE }), "answer");
      const ledger = asRecord(asRecord(answer["result"], "result")["ledger"], "ledger");
      const rows = Object.entries(ledger);
      movements.push(...rows.map(([id, row]) => readEntry(exchange, id, asRecord(row, "entry"), type === "staking")));
      if (rows.length < PAGE) break;
    }
  }
  return movements;
}

function readEntry(exchange: Kraken, reference: string, row: WireRecord, isReward: boolean): VenueMovement {
  const id = text(row, "asset");
  const move = {
    reference,
    asset: exchange.safeCurrencyCode(id) ?? id,
    change: decimal(row, "amount").minus(decimal(row, "fee")),
    at: instant(row["time"], "s", "time"),
    detail: text(row, "type"),
  };
  return isReward ? reward(move) : transfer(move);
}
