import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import { accountOf } from "#simulator/engine/settle.ts";
import { emitBalances } from "#simulator/engine/place-order.ts";
import { addTo, type MovementRecord, type VenueState, venueNow } from "#simulator/engine/state.ts";
import type { SimMovement } from "#simulator/engine/types.ts";

/** How funds come or go. Without a kind it is a deposit or a withdrawal by its sign. */
export interface FundsMove {
  readonly asset: string;
  /** Positive brings in, negative takes out. */
  readonly amount: Decimal;
  readonly kind?: SimMovement["kind"];
  /** What the venue takes on top of a withdrawal, in the same asset. */
  readonly fee?: Decimal;
  /** False: the balance changes and no list of the venue ever tells of it. */
  readonly listed?: boolean;
  /** The lists tell of it so much later (ms, real time) than the balance. */
  readonly listedAfterMs?: number;
}

/** Moves funds between the account and the world. Answers null, with nothing changed, if free funds do not suffice. */
export function moveFunds(state: VenueState, accountId: string, move: FundsMove): MovementRecord | null {
  const account = accountOf(state, accountId);
  const { asset, amount, fee = ZERO, listed = true, listedAfterMs = 0 } = move;
  const change = amount.minus(fee);
  if (account.balances.free(asset).plus(change).lt(0)) return null;
  account.balances.credit(asset, change);
  addTo(state.external, asset, change.neg());
  const at = venueNow(state);
  const movement: SimMovement = {
    id: state.ids.movement(at),
    accountId,
    kind: move.kind ?? (amount.lt(0) ? "withdrawal" : "deposit"),
    asset,
    amount: amount.abs(),
    fee,
    at,
  };
  const record = { movement, visibleAt: listed ? state.realNow() + listedAfterMs : null };
  account.movements.push(record);
  emitBalances(state, account);
  return record;
}

export interface MovementQuery {
  readonly kinds?: readonly SimMovement["kind"][];
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

/** What the venue's lists tell of, oldest first. */
export function readMovements(state: VenueState, accountId: string, { kinds, since, until }: MovementQuery): SimMovement[] {
  const now = state.realNow();
  return (state.accounts.get(accountId)?.movements ?? []).flatMap(({ movement, visibleAt }) => {
    if (visibleAt === null || visibleAt > now) return [];
    if (kinds !== undefined && !kinds.includes(movement.kind)) return [];
    const isIn = (since === undefined || movement.at >= since) && (until === undefined || movement.at <= until);
    return isIn ? [movement] : [];
  });
}
