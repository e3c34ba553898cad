import type { SimMovement } from "#simulator/engine/types.ts";
import { type KucoinContext, type KucoinRoutes, type PrivateCall, readRoute } from "#simulator/protocols/kucoin/context.ts";
import { windowOf } from "#simulator/protocols/kucoin/order-queries.ts";

/** The trading account's ledger, newest first. Trades are not repeated in it here, the fills tell them. */
export const LEDGER_ROUTES: KucoinRoutes = { "GET /api/v1/hf/accounts/ledgers": readRoute(2, ledgers) };

function typeOf({ kind }: SimMovement): string {
  return kind === "reward" ? "OTHER" : "TRANSFER";
}

function ledgers({ engine }: KucoinContext, { params, account }: PrivateCall): unknown {
  const { since, until } = windowOf(params, engine.now());
  const [currency, bizType, lastId] = [params.text("currency"), params.text("bizType"), params.text("lastId")];
  const direction = params.text("direction");
  const found = engine
    .movements(account.id, { since, until })
    .filter((movement) => bizType === undefined || typeOf(movement) === bizType)
    .filter((movement) => currency === undefined || movement.asset === currency)
    .filter((movement) => direction === undefined || directionOf(movement) === direction)
    .toReversed();
  const start = lastId === undefined ? 0 : found.findIndex(({ id }) => id === lastId) + 1;
  return found.slice(start, start + params.size("limit", 100, 200)).map(ledgerRow);
}

function directionOf({ kind }: SimMovement): "in" | "out" {
  return kind === "withdrawal" ? "out" : "in";
}

function ledgerRow(movement: SimMovement): unknown {
  const { id, asset, amount, fee, at } = movement;
  return {
    id,
    currency: asset,
    amount: amount.plus(fee).toFixed(),
    fee: "0",
    tax: "0",
    balance: "",
    accountType: "TRADE_HF",
    bizType: typeOf(movement),
    direction: directionOf(movement),
    createdAt: String(at),
    context: "",
  };
}
