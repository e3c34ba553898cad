import type { bybit as Bybit } from "ccxt";
import type { MovementQuery, VenueMovement } from "#server/execution/executors/venue-movement.ts";
import { followCursor } from "#server/execution/executors/ccxt/venues/bybit-pages.ts";
import { reward, transfer } from "#server/execution/executors/ccxt/venues/movement-reads.ts";
import { weeksSince } from "#server/execution/executors/ccxt/venues/shared-reads.ts";
import { asList, asRecord, decimal, instant, text } from "#server/execution/executors/ccxt/wire-value.ts";

const PAGE = 50;
/** Asked one by one, since trades would fill the pages of a question about everything. */
const TYPES = ["TRANSFER_IN", "TRANSFER_OUT", "FEE_REFUND"] as const;

/** The unified account's log: what comes from or goes to the funding account, and what the venue gives back. */
export async function readBybitMovements(exchange: Bybit, query: MovementQuery): Promise<readonly VenueMovement[]> {
  const movements: VenueMovement[] = [];
  for (const window of weeksSince(query.since, exchange.nonce())) {
    for (const type of TYPES) {
      const question = { accountType: "UNIFIED", type, limit: PAGE, ...window };
      await followCursor(
        (page) => exchange.privateGetV5AccountTransactionLog({ ...question, ...page }),
        (answer) => {
          for (const value of asList(answer["list"], "list")) {
            const row = asRecord(value, "entry");
            const [reference, asset] = [text(row, "id"), text(row, "currency")];
            const at = instant(row["transactionTime"], "ms", "transactionTime");
            const move = { reference, asset, change: decimal(row, "change"), at, detail: text(row, "type") };
            movements.push(type === "FEE_REFUND" ? reward(move) : transfer(move));
          }
          return false;
        },
      );
    }
  }
  return movements;
}
