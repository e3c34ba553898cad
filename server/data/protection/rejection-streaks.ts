import type { OrderSide } from "#server/domain/order/order.ts";
import type { HeldBack, RejectionStreak } from "#server/domain/protection/rejection-streak.ts";
import { statement, type Tx } from "#server/data/tx.ts";

/** One kind of order in one market of one account. */
export interface StreakKey {
  readonly workspaceId: string;
  readonly venueAccountId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly isExit: boolean;
}

const WHERE = "workspace_id = $1::uuid and venue_account_id = $2::uuid and symbol = $3 and side = $4 and is_exit = $5::boolean";
const LOCK = statement(
  "rejection-streaks.lock",
  `select reason, count, next_probe_at as "nextProbeAt", clock_timestamp() as now from rejection_streaks where ${WHERE} for update`,
);
const NOW = statement("rejection-streaks.now", "select clock_timestamp() as now");
const READ_HELD_BACK = statement(
  "rejection-streaks.held-back",
  `select reason, next_probe_at as until from rejection_streaks where ${WHERE} and next_probe_at > clock_timestamp()`,
);
const WRITE = statement(
  "rejection-streaks.write",
  `insert into rejection_streaks (workspace_id, venue_account_id, symbol, side, is_exit, reason, count, next_probe_at, changed_at)
   values ($1::uuid, $2::uuid, $3, $4, $5::boolean, $6, $7::int, $8::timestamptz, clock_timestamp())
   on conflict (venue_account_id, symbol, side, is_exit) do update set reason = excluded.reason, count = excluded.count,
     next_probe_at = excluded.next_probe_at, changed_at = excluded.changed_at`,
);
const END = statement("rejection-streaks.end", `delete from rejection_streaks where ${WHERE}`);

const values = ({ workspaceId, venueAccountId, symbol, side, isExit }: StreakKey): readonly unknown[] => [
  workspaceId,
  venueAccountId,
  symbol,
  side,
  isExit,
];

/** The streak, locked, and the database's time; null where the last order of this kind was taken. */
export async function lockStreak(
  tx: Tx,
  key: StreakKey,
): Promise<{ readonly streak: RejectionStreak | null; readonly now: Date }> {
  const [[row], [clock]] = await Promise.all([
    tx.query<RejectionStreak & { now: Date }>(LOCK, values(key)),
    tx.query<{ now: Date }>(NOW),
  ]);
  const now = row?.now ?? clock?.now ?? new Date();
  return { streak: row === undefined ? null : { reason: row.reason, count: row.count, nextProbeAt: row.nextProbeAt }, now };
}

/** Why and until when this kind is held back now; null when it is not. */
export async function readHeldBack(tx: Tx, key: StreakKey): Promise<HeldBack | null> {
  return (await tx.query<HeldBack>(READ_HELD_BACK, values(key)))[0] ?? null;
}

export function writeStreak(tx: Tx, key: StreakKey, { reason, count, nextProbeAt }: RejectionStreak): void {
  tx.send(WRITE, [...values(key), reason, count, nextProbeAt]);
}

/** The venue has taken an order of this kind. */
export function endStreak(tx: Tx, key: StreakKey): void {
  tx.send(END, values(key));
}
