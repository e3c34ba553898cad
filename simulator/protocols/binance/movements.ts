import { accountRoute, type BinanceContext, type BinanceRoutes } from "#simulator/protocols/binance/context.ts";
import { BinanceError } from "#simulator/protocols/binance/errors.ts";
import type { BinanceParams } from "#simulator/protocols/binance/params.ts";
import type { SimAccount, SimMovement } from "#simulator/engine/types.ts";

const WINDOW_MS = 90 * 86_400_000;

/** Deposits, withdrawals and distributions of the spot wallet: three lists, newest first. */
export const MOVEMENT_ROUTES: BinanceRoutes = {
  "GET /sapi/v1/capital/deposit/hisrec": accountRoute("query", "read", 1, (context, params, account) =>
    page(listed(context, params, account, "deposit"), params, 1_000).map(depositRow),
  ),
  "GET /sapi/v1/capital/withdraw/history": accountRoute("query", "read", 1, (context, params, account) =>
    page(listed(context, params, account, "withdrawal"), params, 1_000).map(withdrawalRow),
  ),
  "GET /sapi/v1/asset/assetDividend": accountRoute("query", "read", 10, (context, params, account) => {
    const rows = listed(context, params, account, "reward");
    return { rows: page(rows, params, 500).map(rewardRow), total: rows.length };
  }),
};

function listed({ engine }: BinanceContext, params: BinanceParams, account: SimAccount, kind: SimMovement["kind"]) {
  const until = params.integer("endTime") ?? engine.now();
  const since = params.integer("startTime") ?? until - WINDOW_MS;
  if (until - since > WINDOW_MS) throw new BinanceError(400, -4047, "Time interval must be within 0-90 days");
  const coin = params.optional(kind === "reward" ? "asset" : "coin");
  const found = engine.movements(account.id, { kinds: [kind], since, until });
  return found.filter(({ asset }) => coin === undefined || asset === coin).reverse();
}

function page(rows: readonly SimMovement[], params: BinanceParams, max: number): readonly SimMovement[] {
  const offset = params.integer("offset") ?? 0;
  return rows.slice(offset, offset + params.limit(max === 500 ? 20 : 1_000, max));
}

function depositRow({ id, asset, amount, at }: SimMovement): unknown {
  return {
    id,
    amount: amount.toFixed(),
    coin: asset,
    network: asset,
    status: 1,
    address: `paper-${asset.toLowerCase()}`,
    addressTag: "",
    txId: `paper-${id}`,
    insertTime: at,
    completeTime: at,
    transferType: 0,
    confirmTimes: "1/1",
    unlockConfirm: 0,
    walletType: 0,
  };
}

function withdrawalRow({ id, asset, amount, fee, at }: SimMovement): unknown {
  // To the second, as at the venue.
  const time = new Date(at).toISOString().slice(0, 19).replace("T", " ");
  return {
    id,
    amount: amount.toFixed(),
    transactionFee: fee.toFixed(),
    coin: asset,
    status: 6,
    address: `paper-${asset.toLowerCase()}`,
    txId: `paper-${id}`,
    applyTime: time,
    completeTime: time,
    network: asset,
    transferType: 0,
    walletType: 0,
  };
}

function rewardRow({ id, asset, amount, at }: SimMovement): unknown {
  return {
    id: Number(id),
    amount: amount.toFixed(),
    asset,
    divTime: at,
    enInfo: "Paper distribution",
    tranId: Number(id),
    direction: 1,
  };
}
