import type { okx as Okx } from "ccxt";
import type { MovementQuery, VenueMovement } from "#server/execution/executors/venue-movement.ts";
import { rowsOf } from "#server/execution/executors/ccxt/venues/okx-answers.ts";
import { MOVEMENT_PAGES_MAX, transfer } from "#server/execution/executors/ccxt/venues/movement-reads.ts";
import { decimal, instant, MalformedAnswer, text } from "#server/execution/executors/ccxt/wire-value.ts";

const PAGE = 100;
const TRANSFER = "1";

/**
 * Bills of the trading account. What is deposited or given arrives in the funding account, where nobody trades; it reaches this one, and
 * leaves it, by a transfer.
 */
export async function readOkxMovements(exchange: Okx, query: MovementQuery): Promise<readonly VenueMovement[]> {
  const movements: VenueMovement[] = [];
  let after: string | null = null;
  for (let page = 0; page < MOVEMENT_PAGES_MAX; page += 1) {
    const question = { type: TRANSFER, begin: query.since.getTime(), limit: PAGE, ...(after === null ? {} : { after }) };
    const rows = rowsOf(await exchange.privateGetAccountBills(question));
    for (const row of rows) {
      const [reference, asset] = [text(row, "billId"), text(row, "ccy")];
      const at = instant(row["ts"], "ms", "ts");
      movements.push(transfer({ reference, asset, change: decimal(row, "balChg"), at, detail: "transfer" }));
      after = reference;
    }
    if (rows.length < PAGE) return movements;
  }
  throw new MalformedAnswer("the bills do not end");
}
