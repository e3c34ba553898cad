import type { binance as Binance } from "ccxt";
import type { MovementQuery, VenueMovement } from "#server/execution/executors/venue-movement.ts";
import { reward, transfer } from "#server/execution/executors/ccxt/venues/movement-reads.ts";
import {
  asList,
  asRecord,
  decimal,
  decimalOrNull,
  instant,
  text,
  textOrNull,
  type WireRecord,
} from "#server/execution/executors/ccxt/wire-value.ts";
import { ZERO } from "#server/domain/decimal.ts";

const PAGE = 1000;
const REWARDS_PAGE = 500;
const DONE_DEPOSITS = ["1", "6"]; // credited, or credited and not to be withdrawn yet
const DONE_WITHDRAWAL = "6";
const SPOT_WALLET = "0";

/**
 * The venue has no ledger of the spot wallet: deposits, withdrawals and distributions are three lists. Transfers between the owner's
 * wallets are in none of them that a trading key may read.
 */
export async function readBinanceMovements(exchange: Binance, query: MovementQuery): Promise<readonly VenueMovement[]> {
  const startTime = query.since.getTime();
  const [deposits, withdrawals, rewards] = await Promise.all([
    exchange.sapiGetCapitalDepositHisrec({ startTime, limit: PAGE }),
    exchange.sapiGetCapitalWithdrawHistory({ startTime, limit: PAGE }),
    exchange.sapiGetAssetAssetDividend({ startTime, limit: REWARDS_PAGE }),
  ]);
  return [
    ...asList(deposits, "deposits").flatMap((row) => readDeposit(asRecord(row, "deposit"))),
    ...asList(withdrawals, "withdrawals").flatMap((row) => readWithdrawal(asRecord(row, "withdrawal"))),
    ...asList(asRecord(rewards, "rewards")["rows"], "rewards").map((row) => readReward(asRecord(row, "reward"))),
  ];
}

function readDeposit(row: WireRecord): readonly VenueMovement[] {
  const isDone = DONE_DEPOSITS.includes(textOrNull(row, "status") ?? "");
  if (!isDone || (textOrNull(row, "walletType") ?? SPOT_WALLET) !== SPOT_WALLET) return [];
  const at = instant(row["completeTime"] ?? row["insertTime"], "ms", "insertTime");
  const detail = textOrNull(row, "network") ?? "";
  return [transfer({ reference: text(row, "id"), asset: text(row, "coin"), change: decimal(row, "amount"), at, detail })];
}

function readWithdrawal(row: WireRecord): readonly VenueMovement[] {
  if (textOrNull(row, "status") !== DONE_WITHDRAWAL) return [];
  if ((textOrNull(row, "walletType") ?? SPOT_WALLET) !== SPOT_WALLET) return [];
  // UTC without saying so.
  const at = instant(`${text(row, "completeTime").replace(" ", "T")}Z`, "iso", "completeTime");
  // The fee is on top of what arrives.
  const change = decimal(row, "amount")
    .plus(decimalOrNull(row, "transactionFee") ?? ZERO)
    .negated();
  const detail = textOrNull(row, "network") ?? "";
  return [transfer({ reference: text(row, "id"), asset: text(row, "coin"), change, at, detail })];
}

function readReward(row: WireRecord): VenueMovement {
  return reward({
    reference: text(row, "id"),
    asset: text(row, "asset"),
    change: decimal(row, "amount"),
    at: instant(row["divTime"], "ms", "divTime"),
    detail: textOrNull(row, "enInfo") ?? "",
  });
}
