import type { SimAccount, SimMovement } from "#simulator/engine/types.ts";
import { type BybitContext, type BybitRoutes, queryRoute } from "#simulator/protocols/bybit/context.ts";
import { pageOf, weekWindow } from "#simulator/protocols/bybit/paging.ts";
import type { BybitParams } from "#simulator/protocols/bybit/params.ts";

const PAGE = { fallback: 20, max: 50 };

/** The unified account's log. Trades are not repeated in it here, their executions tell them. */
export const TRANSACTION_LOG_ROUTES: BybitRoutes = {
  "GET /v5/account/transaction-log": queryRoute("read", 30, transactionLog),
};

function typeOf({ kind }: SimMovement): string {
  return kind === "withdrawal" ? "TRANSFER_OUT" : kind === "deposit" ? "TRANSFER_IN" : "FEE_REFUND";
}

function transactionLog({ engine }: BybitContext, params: BybitParams, account: SimAccount): unknown {
  const { start, end } = weekWindow(params, engine.now());
  const [type, currency] = [params.text("type"), params.text("currency")];
  const found = engine
    .movements(account.id, { since: start, until: end })
    .filter((movement) => type === undefined || typeOf(movement) === type)
    .filter((movement) => currency === undefined || movement.asset === currency)
    .toReversed();
  const { rows, nextPageCursor } = pageOf(found, ({ at }) => at, params, PAGE);
  return { nextPageCursor, list: rows.map(logRow) };
}

function logRow(movement: SimMovement): unknown {
  const { id, asset, amount, fee, kind, at } = movement;
  const change = (kind === "withdrawal" ? amount.plus(fee).neg() : amount).toFixed();
  return {
    id,
    symbol: "",
    category: "",
    side: "None",
    transactionTime: String(at),
    type: typeOf(movement),
    transSubType: "",
    qty: change,
    size: "0",
    currency: asset,
    tradePrice: "0",
    funding: "",
    fee: "0",
    cashFlow: change,
    change,
    cashBalance: "",
    feeRate: "0",
    bonusChange: "",
    tradeId: "",
    orderId: "",
    orderLinkId: "",
    extraFees: "",
  };
}
