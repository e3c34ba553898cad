import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimAccount, SimFill } from "#simulator/engine/types.ts";
import { type AlpacaCall, type AlpacaContext, type AlpacaRoute, accountGet, iso } from "#simulator/protocols/alpaca/context.ts";
import { malformed } from "#simulator/protocols/alpaca/errors.ts";
import { newYorkDate } from "#simulator/protocols/alpaca/new-york.ts";
import { statusOf, uniqueOf } from "#simulator/protocols/alpaca/order-shape.ts";
import { instantOf, integerOf } from "#simulator/protocols/alpaca/paging.ts";

const PAGE = { fallback: 100, max: 100 };
const KNOWN = new Set(["FILL", "CFEE", "FEE", "CSD", "CSW", "INT"]);

export const ACTIVITY_ROUTES: readonly AlpacaRoute[] = [
  accountGet("/v2/account/activities", (context, call, account) => {
    const wanted = (call.query.get("activity_types") ?? "").split(",").filter((type) => type !== "");
    return listActivities(context, call, account, wanted.length === 0 ? [...KNOWN] : wanted);
  }),
  accountGet("/v2/account/activities/{id}", (context, call, account) => listActivities(context, call, account, [call.id])),
];

interface Activity {
  readonly id: string;
  readonly at: number; // ms, of the fill
  readonly postedAt: number; // ms, what the id begins with
  readonly row: Readonly<Record<string, unknown>>;
}

/** Newest first unless told otherwise, in pages after the id that `page_token` names. Types without any activity have empty lists. */
function listActivities(
  context: AlpacaContext,
  { query }: AlpacaCall,
  account: SimAccount,
  types: readonly string[],
): readonly unknown[] {
  const [after, until, date] = [instantOf(query, "after"), instantOf(query, "until"), query.get("date")];
  const size = integerOf(query, "page_size") ?? PAGE.fallback;
  if (size > PAGE.max) throw malformed(`page_size must be at most ${PAGE.max}`);
  const ascending = query.get("direction") === "asc";
  const fills = context.engine.fills(account.id, {});
  const activities = [
    ...(types.includes("FILL") ? fillActivities(context, fills) : []),
    ...[...feeActivities(context, fills), ...cashActivities(context, account)].filter(({ row }) =>
      types.includes(String(row["activity_type"])),
    ),
  ].filter(({ at }) => {
    if (date !== null && date !== "" && newYorkDate(at) !== date.slice(0, 10)) return false;
    return (after === undefined || at > after) && (until === undefined || at < until);
  });
  // Stable: what happened in one millisecond stays in its order.
  activities.sort((a, b) => a.postedAt - b.postedAt);
  if (!ascending) activities.reverse();
  const token = query.get("page_token");
  const start = token === null || token === "" ? 0 : activities.findLastIndex(({ id }) => id === token) + 1;
  return activities.slice(start, start + size).map(({ row }) => row);
}

/** A fill tells neither its fee nor whether it was the maker's: this is all there is on the day of the trade. */
function fillActivities({ engine, notes }: AlpacaContext, fills: readonly SimFill[]): Activity[] {
  const filledSoFar = new Map<string, { sum: Decimal; seen: Set<string> }>();
  return fills.map((fill) => {
    const so = filledSoFar.get(fill.orderId) ?? { sum: ZERO, seen: new Set<string>() };
    filledSoFar.set(fill.orderId, so);
    if (!so.seen.has(fill.id)) so.sum = so.sum.plus(fill.amount);
    so.seen.add(fill.id);
    const order = engine.order(fill.accountId, fill.orderId);
    const left = order === undefined ? ZERO : order.amount.minus(so.sum);
    return {
      id: fill.id,
      at: fill.at,
      postedAt: fill.at,
      row: {
        id: fill.id,
        activity_type: "FILL",
        transaction_time: iso(fill.at),
        type: left.gt(0) ? "partial_fill" : "fill",
        price: fill.price.toFixed(),
        qty: fill.amount.toFixed(),
        side: fill.side,
        symbol: fill.symbol,
        leaves_qty: left.toFixed(),
        order_id: fill.orderId,
        cum_qty: so.sum.toFixed(),
        order_status: order === undefined ? "filled" : statusOf(order, notes),
        swap_rate: "1",
      },
    };
  });
}

/** Dollars that came or left, told by the day. Coins that move by a chain are in no list of activities. */
function cashActivities({ engine }: AlpacaContext, account: SimAccount): Activity[] {
  return engine
    .movements(account.id, {})
    .filter(({ asset }) => asset === "USD")
    .map(({ id, kind, amount, fee, at }) => {
      const net = kind === "withdrawal" ? amount.plus(fee).neg() : amount;
      const type = kind === "withdrawal" ? "CSW" : kind === "deposit" ? "CSD" : "INT";
      const row = {
        id,
        activity_type: type,
        date: newYorkDate(at),
        net_amount: net.toFixed(),
        description: "",
        status: "executed",
      };
      return { id, at, postedAt: at, row };
    });
}

/** Fees leave the balance with the fill and are written down when the day is over: CFEE for a coin, FEE for dollars. */
function feeActivities({ engine }: AlpacaContext, fills: readonly SimFill[]): Activity[] {
  const today = newYorkDate(engine.now());
  return fills
    .filter((fill) => !fill.fee.isZero() && newYorkDate(fill.at) < today)
    .map((fill) => {
      const date = newYorkDate(fill.at);
      const inDollars = fill.feeAsset === "USD";
      const postedAt = Date.parse(`${date}T00:00:00Z`);
      // An id is the time of the entry and something unique; the fill's own has both.
      const id = `${date.replaceAll("-", "")}000000000::${uniqueOf(fill)}`;
      return {
        id,
        at: fill.at,
        postedAt,
        row: {
          id,
          activity_type: inDollars ? "FEE" : "CFEE",
          date,
          net_amount: inDollars ? fill.fee.neg().toFixed() : "0",
          description: `Coin Pair Transaction Fee (${inDollars ? "USD" : "Non USD"})`,
          symbol: inDollars ? fill.symbol.replace("/", "") : `${fill.feeAsset}USD`,
          qty: inDollars ? "0" : fill.fee.neg().toFixed(),
          price: fill.price.toFixed(),
          status: "executed",
        },
      };
    });
}
