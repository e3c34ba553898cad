import { createHash } from "node:crypto";
import type { Difference } from "#server/domain/movement/movement.ts";
import type { VenueOrder } from "../executors/executor.ts";
import type { BookedMovement, ComparedBalance } from "./book-differences.ts";
import type { MovementsRead } from "./read-movements.ts";
import type { VenueSnapshot } from "./read-venue.ts";

/** Balances without a difference are cut off behind so many. */
const BALANCES_MAX = 60;
const EXTERNAL_ORDERS_MAX = 50;

interface AmountText {
  readonly asset: string;
  readonly amount: string;
}

/** What one comparison found and did; stored and shown. */
export interface ReconcileReport {
  readonly tookMs: number;
  /** Our open orders, those of the venue, and how many of ours were looked at one by one. */
  readonly openOrders: number;
  readonly ordersAtVenue: number;
  readonly ordersRefreshed: number;
  readonly unresolvedOrders: number;
  /** Fills were read from here on. */
  readonly fillsSince: string;
  readonly fillsSeen: number;
  readonly fillsApplied: number;
  readonly externalFills: number;
  /** At the venue and not ours: shown, never touched. The first fifty. */
  readonly externalOrders: readonly {
    readonly venueOrderId: string;
    readonly symbol: string;
    readonly side: string;
    readonly quantity: string;
    readonly filledQuantity: string;
    readonly limitPrice: string | null;
  }[];
  readonly externalOrdersCount: number;
  /** False: something was on its way, so balances were not compared. */
  readonly balancesCompared: boolean;
  readonly balances: readonly { readonly asset: string; readonly ledger: string; readonly venue: string }[];
  readonly balancesLeftOut: number;
  /** Venue minus ledger, before anything was booked. */
  readonly differences: readonly AmountText[];
  readonly booked: readonly BookedMovement[];
  /** Not explained: looked at again, and named unknown if it stands. */
  readonly pending: readonly AmountText[];
  readonly movementLists: { readonly state: MovementsRead["state"]; readonly detail: string };
}

export interface ReportParts {
  readonly tookMs: number;
  readonly fillsSince: Date;
  readonly venue: VenueSnapshot;
  readonly openOrders: number;
  readonly ordersRefreshed: number;
  readonly unresolvedOrders: number;
  readonly external: readonly VenueOrder[];
  readonly compared: readonly ComparedBalance[] | null;
  readonly differences: readonly Difference[];
  readonly booked: readonly BookedMovement[];
  readonly pending: readonly Difference[];
  readonly movements: MovementsRead;
}

const toText = ({ asset, amount }: Difference): AmountText => ({ asset, amount: amount.toFixed() });

export function writeReport(parts: ReportParts): ReconcileReport {
  const { venue, external, compared, movements } = parts;
  const differing = new Set(parts.differences.map(({ asset }) => asset));
  const rows = [...(compared ?? [])].sort((a, b) => Number(differing.has(b.asset)) - Number(differing.has(a.asset)));
  return {
    tookMs: parts.tookMs,
    openOrders: parts.openOrders,
    ordersAtVenue: venue.open.length,
    ordersRefreshed: parts.ordersRefreshed,
    unresolvedOrders: parts.unresolvedOrders,
    fillsSince: parts.fillsSince.toISOString(),
    fillsSeen: venue.fillsSeen,
    fillsApplied: venue.fillsApplied,
    externalFills: venue.externalFills.length,
    externalOrders: external
      .slice(0, EXTERNAL_ORDERS_MAX)
      .map(({ venueOrderId, symbol, side, quantity, filledQuantity, limitPrice }) => ({
        venueOrderId,
        symbol,
        side,
        quantity: quantity.toFixed(),
        filledQuantity: filledQuantity.toFixed(),
        limitPrice: limitPrice?.toFixed() ?? null,
      })),
    externalOrdersCount: external.length,
    balancesCompared: compared !== null,
    balances: rows.slice(0, BALANCES_MAX).map(({ asset, ledger, venue: atVenue }) => ({
      asset,
      ledger: ledger.toFixed(),
      venue: atVenue.toFixed(),
    })),
    balancesLeftOut: Math.max(0, rows.length - BALANCES_MAX),
    differences: parts.differences.map(toText),
    booked: parts.booked,
    pending: parts.pending.map(toText),
    movementLists: { state: movements.state, detail: movements.state === "READ" ? "" : movements.detail },
  };
}

/**
 * What a quiet run must equal to share the row of the one before; null for a run in which something happened. Nothing is quiet that booked,
 * looked up, or could not explain anything.
 */
export function samenessOf(report: ReconcileReport): string | null {
  const { fillsApplied, ordersRefreshed, unresolvedOrders, differences, booked, pending, balancesCompared } = report;
  const happened = fillsApplied + ordersRefreshed + unresolvedOrders + differences.length + booked.length + pending.length > 0;
  if (happened || !balancesCompared) return null;
  const seen = JSON.stringify([report.externalOrders, report.externalOrdersCount, report.movementLists.state]);
  return `quiet ${createHash("sha256").update(seen).digest("base64url").slice(0, 22)}`;
}
