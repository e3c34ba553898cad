import type { alpaca as Alpaca } from "ccxt";
import type { MovementQuery, VenueMovement } from "#server/execution/executors/venue-movement.ts";
import { MOVEMENT_PAGES_MAX, reward, transfer } from "#server/execution/executors/ccxt/venues/movement-reads.ts";
import {
  asList,
  asRecord,
  decimal,
  instant,
  MalformedAnswer,
  text,
  textOrNull,
} from "#server/execution/executors/ccxt/wire-value.ts";

const PAGE = 100;
/** Dollars in and out, and interest. Coins that come or go by a chain are in no list that is made for accounts. */
const TYPES = "CSD,CSW,INT";

/** Account activities. Their rows tell only a day; the moment is what their id begins with. */
export async function readAlpacaMovements(exchange: Alpaca, query: MovementQuery): Promise<readonly VenueMovement[]> {
  const movements: VenueMovement[] = [];
  let token: string | null = null;
  for (let page = 0; page < MOVEMENT_PAGES_MAX; page += 1) {
    const answer: unknown = await exchange.traderPrivateGetV2AccountActivities({
      activity_types: TYPES,
      after: query.since.toISOString(),
      direction: "asc",
      page_size: PAGE,
      ...(token === null ? {} : { page_token: token }),
    });
    const rows = asList(answer, "activities").map((row) => asRecord(row, "activity"));
    for (const row of rows) {
      token = text(row, "id");
      if ((textOrNull(row, "status") ?? "executed") !== "executed") continue;
      const detail = text(row, "activity_type");
      const move = { reference: token, asset: "USD", change: decimal(row, "net_amount"), at: momentOf(token), detail };
      movements.push(detail === "INT" ? reward(move) : transfer(move));
    }
    if (rows.length < PAGE) return movements;
  }
  throw new MalformedAnswer("the list of activities does not end");
}

/** `20261121093000123::...` is 9:30 and 123 ms in UTC. */
function momentOf(id: string): Date {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})::/.exec(id);
  if (parts === null) throw new MalformedAnswer("an activity whose id names no time");
  const [, year, month, day, hour, minute, second, ms] = parts;
  return instant(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`, "iso", "id");
}
