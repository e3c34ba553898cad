import { ZERO } from "#server/domain/decimal.ts";
import type { FoundMovement } from "#server/domain/movement/movement.ts";
import { quoteValue } from "#server/domain/order/order.ts";
import type { VenueAccountState } from "#server/data/accounts/read-venue-account.ts";
import type { VenueAccountExecutor, VenueFill } from "../executors/executor.ts";

/** A venue may list a movement days after it began: lists are asked again for so long. */
const OVERLAP_MS = 7 * 86_400_000;

/** Venues tell times in whole seconds or by another clock than ours. What is asked for too early names nothing unless it explains a difference. */
const CLOCK_MARGIN_MS = 2_000;

/** Whether the venue's lists were read; if not, what it said. A list that a key may not read names nothing, and that is no failure. */
export type MovementsRead =
  | { readonly state: "READ"; readonly found: readonly FoundMovement[] }
  | { readonly state: "NOT_ASKED" | "REFUSED" | "UNAVAILABLE"; readonly detail: string };

/**
 * Asks the venue's lists for what moved since the account's ledger was opened. `assets` are those in which venue and ledger differ, or null
 * for all. What happened before the opening is in the opening balance.
 */
export async function readMovements(
  executor: VenueAccountExecutor,
  account: VenueAccountState,
  assets: readonly string[] | null,
): Promise<MovementsRead> {
  const { ledgerOpenedAt, movementsReadAt } = account;
  if (ledgerOpenedAt === null) return { state: "NOT_ASKED", detail: "" };
  const since = Math.max(ledgerOpenedAt.getTime(), (movementsReadAt ?? ledgerOpenedAt).getTime() - OVERLAP_MS);
  const answer = await executor.movements({ since: new Date(since - CLOCK_MARGIN_MS), assets });
  if (answer.kind === "refused") return { state: "REFUSED", detail: answer.detail };
  if (answer.kind === "unavailable") return { state: "UNAVAILABLE", detail: answer.detail };
  return { state: "READ", found: answer.value };
}

/** What trades made by another tool did to each balance, since the ledger was opened. */
export function externalTrades(account: VenueAccountState, fills: readonly VenueFill[]): FoundMovement[] {
  const { ledgerOpenedAt } = account;
  if (ledgerOpenedAt === null) return [];
  return fills
    .filter(({ executedAt }) => executedAt >= ledgerOpenedAt)
    .flatMap((fill) => {
      const [base = "", quote = ""] = fill.symbol.split("/");
      const value = quoteValue(fill.quantity, fill.price);
      const isBuy = fill.side === "BUY";
      const changes = new Map([
        [base, isBuy ? fill.quantity : fill.quantity.negated()],
        [quote, isBuy ? value.negated() : value],
      ]);
      changes.set(fill.feeAsset, (changes.get(fill.feeAsset) ?? ZERO).minus(fill.fee));
      // A trade id is unique in its market only.
      const reference = `${fill.symbol} ${fill.venueTradeId}`;
      const detail = `${fill.side.toLowerCase()} ${fill.symbol}`;
      return [...changes]
        .filter(([, amount]) => !amount.isZero())
        .map(([asset, amount]) => ({ kind: "EXTERNAL_TRADE" as const, asset, amount, reference, at: fill.executedAt, detail }));
    });
}
