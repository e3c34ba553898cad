import type { gate as Gate } from "ccxt";
import type { MovementQuery, VenueMovement } from "#server/execution/executors/venue-movement.ts";
import { MOVEMENT_PAGES_MAX, reward, transfer } from "#server/execution/executors/ccxt/venues/movement-reads.ts";
import { asList, asRecord, decimal, instant, MalformedAnswer, text } from "#server/execution/executors/ccxt/wire-value.ts";

const PAGE = 1000;
/** Asked one by one, since trades would fill the pages of a question about everything. */
const TYPES = ["deposit", "withdraw", "sub_account_transfer", "referral_fee"] as const;

/** The account book of the spot account, by the kinds of entry that are no trades. */
export async function readGateMovements(exchange: Gate, query: MovementQuery): Promise<readonly VenueMovement[]> {
  const movements: VenueMovement[] = [];
  const from = Math.floor(query.since.getTime() / 1000);
  for (const type of TYPES) {
    for (let page = 1; ; page += 1) {
      if (page > MOVEMENT_PAGES_MAX) throw new MalformedAnswer("the account book does not end");
      const rows = asList(await exchange.privateSpotGetAccountBook({ type, from, limit: PAGE, page }), "account book");
      for (const value of rows) {
        const row = asRecord(value, "entry");
        const [reference, asset] = [text(row, "id"), text(row, "currency")];
        const move = { reference, asset, change: decimal(row, "change"), at: instant(row["time"], "ms", "time"), detail: type };
        movements.push(type === "referral_fee" ? reward(move) : transfer(move));
      }
      if (rows.length < PAGE) break;
    }
  }
  return movements;
}
