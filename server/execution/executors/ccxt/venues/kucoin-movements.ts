import type { kucoin as Kucoin } from "ccxt";
import type { MovementQuery, VenueMovement } from "#server/execution/executors/venue-movement.ts";
import { dataOf } from "#server/execution/executors/ccxt/venues/kucoin-answers.ts";
import { MOVEMENT_PAGES_MAX, transfer } from "#server/execution/executors/ccxt/venues/movement-reads.ts";
import { weeksSince } from "#server/execution/executors/ccxt/venues/shared-reads.ts";
import { asList, asRecord, decimal, instant, MalformedAnswer, text } from "#server/execution/executors/ccxt/wire-value.ts";

const PAGE = 200;
/** Asked one by one, since trades would fill the pages of a question about everything. */
const TYPES = ["TRANSFER", "SUB_TRANSFER", "RETURNED_FEES", "OTHER"] as const;

/** The trading account's ledger. Deposits arrive in the funding account and reach this one by a transfer. */
export async function readKucoinMovements(exchange: Kucoin, query: MovementQuery): Promise<readonly VenueMovement[]> {
  const movements: VenueMovement[] = [];
  for (const { startTime, endTime } of weeksSince(query.since, exchange.nonce())) {
    for (const bizType of TYPES) {
      let lastId: string | null = null;
      for (let page = 0; ; page += 1) {
        if (page === MOVEMENT_PAGES_MAX) throw new MalformedAnswer("the ledger does not end");
        const question = { bizType, startAt: startTime, endAt: endTime, limit: PAGE, ...(lastId === null ? {} : { lastId }) };
        const rows = asList(dataOf(await exchange.privateGetHfAccountsLedgers(question)), "ledger");
        for (const value of rows) {
          const row = asRecord(value, "entry");
          const amount = decimal(row, "amount").abs();
          lastId = text(row, "id");
          movements.push(
            transfer({
              reference: lastId,
              asset: text(row, "currency"),
              change: text(row, "direction") === "out" ? amount.negated() : amount,
              at: instant(row["createdAt"], "ms", "createdAt"),
              detail: text(row, "bizType"),
            }),
          );
        }
        if (rows.length < PAGE) break;
      }
    }
  }
  return movements;
}
