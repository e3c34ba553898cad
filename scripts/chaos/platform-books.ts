import type { Owner } from "./owner.ts";

export interface OrderFact {
  readonly id: string;
  readonly workspace_id: string;
  readonly intent_id: string;
  readonly venue_account_id: string | null;
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly state: string;
  readonly attempt: number;
  readonly venue_order_id: string | null;
  readonly quantity: string;
  /** What was asked for; an intent may become several orders. */
  readonly intent_quantity: string;
  readonly filled_quantity: string;
  readonly reserve_left: string;
  readonly reason_code: string | null;
  readonly reason_detail: string | null;
  /** Another order of the intent has taken over what it had not filled. */
  readonly gave_way: boolean;
}

export interface FillFact {
  readonly order_id: string;
  readonly venue_account_id: string;
  readonly symbol: string;
  readonly venue_trade_id: string;
  readonly side: "BUY" | "SELL";
  readonly price: string;
  readonly quantity: string;
  readonly fee: string;
  readonly fee_asset: string;
}

export interface BalanceFact {
  readonly holder_id: string;
  readonly account: string;
  readonly asset: string;
  readonly amount: string;
}

export interface PositionFact {
  readonly venue_account_id: string;
  readonly symbol: string;
  readonly quantity: string;
  readonly cost_basis: string;
  readonly realised_pnl: string;
}

/** Everything the platform believes, read once when it is at rest. Amounts are text. */
export interface PlatformBooks {
  readonly orders: readonly OrderFact[];
  /** In the order in which they were booked. */
  readonly fills: readonly FillFact[];
  /** Summed from the journal, not from the running totals. */
  readonly ledger: readonly BalanceFact[];
  readonly balances: readonly BalanceFact[];
  readonly positions: readonly PositionFact[];
  readonly adjustments: readonly {
    readonly holder_id: string;
    readonly asset: string;
    readonly amount: string;
    readonly memo: string;
  }[];
  /** Changes of orders of which nobody knows yet what became. */
  readonly openReplacements: readonly { readonly id: string; readonly order_id: string; readonly state: string }[];
  readonly parkedJobs: readonly { readonly kind: string; readonly payload: unknown; readonly last_error: string | null }[];
}

export async function readPlatformBooks({ query }: Owner): Promise<PlatformBooks> {
  return {
    orders: await query<OrderFact>(
      `select o.id, o.workspace_id, o.intent_id, o.venue_account_id, o.symbol, o.side, o.state, o.attempt, o.venue_order_id,
         o.quantity::text, o.filled_quantity::text, o.reserve_left::text, o.reason_code, o.reason_detail, i.quantity::text as intent_quantity,
         exists (select from order_replacements r where r.workspace_id = o.workspace_id and r.order_id = o.id and r.new_order_id is not null) as gave_way
       from orders o join intents i on i.workspace_id = o.workspace_id and i.id = o.intent_id order by o.id`,
    ),
    // An account's fills are booked by one worker at a time, which mints their ids in turn.
    fills: await query<FillFact>(
      `select order_id, venue_account_id, symbol, venue_trade_id, side, price::text, quantity::text, fee::text, fee_asset
       from fills order by id`,
    ),
    ledger: await query<BalanceFact>(
      "select holder_id, account, asset, sum(amount)::text as amount from journal_lines group by holder_id, account, asset",
    ),
    balances: await query<BalanceFact>("select holder_id, account, asset, amount::text from balances"),
    positions: await query<PositionFact>(
      "select venue_account_id, symbol, quantity::text, cost_basis::text, realised_pnl::text from positions",
    ),
    adjustments: await query(
      `select l.holder_id, l.asset, l.amount::text, e.memo from journal_entries e join journal_lines l on l.entry_id = e.id
       where e.kind not in ('OPENING', 'RESERVE', 'RELEASE', 'FILL') and l.account = 'AVAILABLE'`,
    ),
    openReplacements: await query("select id, order_id, state from order_replacements where ended_at is null"),
    parkedJobs: await query("select kind, payload, last_error from jobs where state = 'PARKED'"),
  };
}
