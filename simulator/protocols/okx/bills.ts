import type { SimAccount, SimMovement, VenueEngine } from "#simulator/engine/types.ts";
import { integer, type Params, text } from "#simulator/protocols/okx/params.ts";

const TRANSFER = "1";
const IN = "11";
const OUT = "12";
const PAGE_MAX = 100;
const REACH_MS = 7 * 86_400_000;

/**
 * Bills of the trading account of the last seven days, newest first. Only transfers are told here, trades are told by their fills: what is
 * deposited or given arrives in the funding account and reaches this one by a transfer.
 */
export function bills(engine: VenueEngine, account: SimAccount, params: Params): readonly unknown[] {
  const type = text(params, "type");
  if (type !== undefined && type !== TRANSFER) return [];
  const [asset, subType, after] = [text(params, "ccy"), text(params, "subType"), text(params, "after")];
  const since = Math.max(integer(params, "begin", Number.MAX_SAFE_INTEGER) ?? 0, engine.now() - REACH_MS);
  const until = integer(params, "end", Number.MAX_SAFE_INTEGER);
  return engine
    .movements(account.id, { since, until })
    .filter((movement) => asset === undefined || movement.asset === asset)
    .filter((movement) => subType === undefined || subTypeOf(movement) === subType)
    .filter((movement) => after === undefined || BigInt(movement.id) < BigInt(after))
    .toReversed()
    .slice(0, integer(params, "limit", PAGE_MAX) ?? PAGE_MAX)
    .map(billRow);
}

function subTypeOf({ kind }: SimMovement): string {
  return kind === "withdrawal" ? OUT : IN;
}

function billRow(movement: SimMovement): unknown {
  const { id, asset, amount, fee, kind, at } = movement;
  const change = kind === "withdrawal" ? amount.plus(fee).neg() : amount;
  const [from, to] = kind === "withdrawal" ? ["18", "6"] : ["6", "18"];
  return {
    billId: id,
    bal: "",
    balChg: change.toFixed(),
    ccy: asset,
    fee: "0",
    from,
    to,
    instId: "",
    instType: "",
    mgnMode: "",
    notes: "",
    ordId: "",
    pnl: "0",
    posBal: "0",
    posBalChg: "0",
    subType: subTypeOf(movement),
    sz: change.toFixed(),
    ts: String(at),
    type: TRANSFER,
  };
}
