import { randomUUID } from "node:crypto";
import type { createCaller } from "#server/routers/_app.ts";

/** What a call names inside of its workspace. */
export interface Ids {
  readonly venueAccountId: string;
  readonly orderId: string;
  readonly twapId: string;
  readonly reconciliationId: string;
  readonly cursor: string | null;
}

const place = { symbol: "BTC/USDT", side: "BUY", type: "MARKET", quantity: "0.1", limitPrice: null, isExit: false } as const;
const connect = {
  venue: "binance",
  mode: "PAPER",
  label: "x",
  apiKey: "key-of-an-account",
  secret: "s",
  password: null,
} as const;

/** A valid call of every procedure that belongs to a workspace. A test fails when one is missing here. */
export const WORKSPACE_CALLS: Record<string, (workspaceId: string, ids: Ids) => Record<string, unknown>> = {
  "trade.place": (workspaceId, { venueAccountId }) => ({
    ...place,
    workspaceId,
    intentId: randomUUID(),
    timeInForce: "IOC",
    postOnly: false,
    venueAccountId,
  }),
  "trade.cancel": (workspaceId, { orderId }) => ({ workspaceId, orderId }),
  "trade.replaceOrder": (workspaceId, { orderId }) => ({
    workspaceId,
    orderId,
    replacementId: randomUUID(),
    quantity: "0.4",
    limitPrice: "91",
  }),
  "trade.previewRoute": (workspaceId, { venueAccountId }) => ({ ...place, workspaceId, venueAccountId }),
  "trade.listOrders": (workspaceId, { cursor }) => ({ workspaceId, filter: "ALL", symbol: null, venue: null, cursor, limit: 10 }),
  "trade.getOrder": (workspaceId, { orderId }) => ({ workspaceId, orderId }),
  "trade.listFills": (workspaceId) => ({ workspaceId, symbol: null, venue: null, cursor: null, limit: 10 }),
  "trade.position": (workspaceId, { venueAccountId }) => ({ workspaceId, venueAccountId, symbol: "BTC/USDT" }),
  "trade.adoptPosition": (workspaceId, { venueAccountId }) => ({
    workspaceId,
    venueAccountId,
    symbol: "BTC/USDT",
    adoptionId: randomUUID(),
    quantity: "0.1",
    unitCost: "90",
  }),
  "trade.releasePosition": (workspaceId, { venueAccountId }) => ({
    workspaceId,
    venueAccountId,
    symbol: "BTC/USDT",
    adoptionId: randomUUID(),
    quantity: "0.1",
  }),
  "trade.positions": (workspaceId) => ({ workspaceId }),
  "trade.dashboard": (workspaceId) => ({ workspaceId }),
  "trade.markets": (workspaceId) => ({ workspaceId }),
  "trade.quotes": (workspaceId) => ({ workspaceId, symbol: null }),
  "trade.activity": (workspaceId) => ({ workspaceId, cursor: null, limit: 10 }),
  "trade.protect": (workspaceId, { venueAccountId }) => ({
    workspaceId,
    groupId: randomUUID(),
    venueAccountId,
    symbol: "BTC/USDT",
    quantity: null,
    stopPrice: "1",
    trailBps: null,
    takeProfitPrice: null,
  }),
  "trade.cancelTrigger": (workspaceId, { orderId }) => ({ workspaceId, triggerId: orderId }),
  "trade.triggers": (workspaceId) => ({ workspaceId }),
  "trade.twaps": (workspaceId) => ({ workspaceId }),
  "trade.getTwap": (workspaceId, { twapId }) => ({ workspaceId, twapId }),
  "trade.pauseTwap": (workspaceId, { twapId }) => ({ workspaceId, twapId }),
  "trade.resumeTwap": (workspaceId, { twapId }) => ({ workspaceId, twapId }),
  "trade.cancelTwap": (workspaceId, { twapId }) => ({ workspaceId, twapId }),
  "venue.connect": (workspaceId, { venueAccountId }) => ({ ...connect, workspaceId, venueAccountId }),
  "venue.list": (workspaceId) => ({ workspaceId }),
  "venue.recheck": (workspaceId, { venueAccountId }) => ({ workspaceId, venueAccountId }),
  "venue.deadMan": (workspaceId, { venueAccountId }) => ({ workspaceId, venueAccountId, seconds: 60 }),
  "venue.disconnect": (workspaceId, { venueAccountId }) => ({ workspaceId, venueAccountId }),
  "venue.get": (workspaceId, { venueAccountId }) => ({ workspaceId, venueAccountId }),
  "venue.reconcile": (workspaceId, { venueAccountId }) => ({ workspaceId, venueAccountId }),
  "venue.listReconciliations": (workspaceId, { venueAccountId }) => ({ workspaceId, venueAccountId }),
  "venue.getReconciliation": (workspaceId, { reconciliationId }) => ({ workspaceId, reconciliationId }),
  "venue.movements": (workspaceId, { venueAccountId }) => ({ workspaceId, venueAccountId, cursor: null, limit: 10 }),
  "risk.tradingStates": (workspaceId) => ({ workspaceId }),
  "risk.setTradingState": (workspaceId) => ({ workspaceId, from: "ACTIVE", state: "REDUCING", reason: "" }),
  "risk.killSwitch": (workspaceId) => ({ workspaceId, closePositions: false, reason: "" }),
  "events.since": (workspaceId) => ({ workspaceId, afterSeq: "0", limit: 10 }),
};

/** Calls a procedure by its dotted path with whatever input. */
export function callByPath(caller: ReturnType<typeof createCaller>, path: string, input: unknown): Promise<unknown> {
  const [noun = "", verb = ""] = path.split(".");
  const procedures = caller as unknown as Record<string, Record<string, (input: unknown) => Promise<unknown>>>;
  const procedure = procedures[noun]?.[verb];
  if (procedure === undefined) throw new Error(`no procedure ${path}`);
  return procedure(input);
}
