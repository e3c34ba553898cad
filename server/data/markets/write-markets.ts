import type { MarketRules } from "#server/domain/market.ts";
import { statement, type Tx } from "#server/data/tx.ts";

const UPSERT = statement(
  "markets.upsert",
  `insert into markets as m (mode, venue, symbol, base, quote, price_tick, amount_step, amount_min, cost_min, active, fetched_at,
     cost_min_buy)
   select $1, $2, u.symbol, u.base, u.quote, u.price_tick, u.amount_step, u.amount_min, u.cost_min, u.active, now(), u.cost_min_buy
   from unnest($3::text[], $4::text[], $5::text[], $6::numeric[], $7::numeric[], $8::numeric[],
     $9::numeric[], $10::boolean[], $11::numeric[]) as u (symbol, base, quote, price_tick, amount_step, amount_min, cost_min, active,
     cost_min_buy)
   on conflict (mode, venue, symbol) do update set price_tick = excluded.price_tick, amount_step = excluded.amount_step,
     amount_min = excluded.amount_min, cost_min = excluded.cost_min, cost_min_buy = excluded.cost_min_buy, active = excluded.active, fetched_at = now()`,
);
const CLOSE_OTHERS = statement(
  "markets.close-others",
  `update markets set active = false, fetched_at = now() where mode = $1 and venue = $2 and active and symbol <> all($3::text[])`,
);

/** Writes a venue's list of markets; one that is no longer listed stays as closed. */
export async function writeMarkets(tx: Tx, mode: string, venue: string, markets: readonly MarketRules[]): Promise<void> {
  await tx.query(UPSERT, [
    mode,
    venue,
    markets.map((market) => market.symbol),
    markets.map((market) => market.base),
    markets.map((market) => market.quote),
    markets.map((market) => market.priceTick.toFixed()),
    markets.map((market) => market.amountStep.toFixed()),
    markets.map((market) => market.amountMin.toFixed()),
    markets.map((market) => market.costMin.toFixed()),
    markets.map((market) => market.active),
    markets.map((market) => market.costMinBuy?.toFixed() ?? "0"),
  ]);
  await tx.query(CLOSE_OTHERS, [mode, venue, markets.map((market) => market.symbol)]);
}
