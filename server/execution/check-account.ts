import { v7 as uuidv7 } from "uuid";
import { readVenueAccount } from "#server/data/accounts/read-venue-account.ts";
import { type CheckResult, writeCheck, writeLedgerOpened } from "#server/data/accounts/write-check.ts";
import { appendAudit } from "#server/data/append-audit.ts";
import { insertEntries } from "#server/data/ledger/insert-entries.ts";
import { listBalances } from "#server/data/ledger/list-balances.ts";
import type { Tx } from "#server/data/tx.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import { postOpening } from "#server/domain/ledger/post.ts";
import { money } from "#server/domain/money/money.ts";
import { appendEvents } from "#server/events/append.ts";
import { type ExecutionContext, inLane, type Lane } from "./context.ts";
import type { AccountCheck, ReadResult } from "./executors/executor.ts";
import { requestReconcile } from "./request-work.ts";

/** Thrown when the venue could not be asked: the job is tried again, and the account stays as it is. */
export class VenueUnavailable extends Error {
  override readonly name = "VenueUnavailable";
  /** Until when the venue wants no calls of this key, if it said so. */
  readonly pausedUntil: Date | null;

  constructor({ detail, pausedUntil }: Pick<Extract<ReadResult<unknown>, { kind: "unavailable" }>, "detail" | "pausedUntil">) {
    super(detail);
    this.pausedUntil = pausedUntil ?? null;
  }
}

/** A key that can withdraw is refused: Nija never needs it, and whoever stole it could empty the account. */
function judge(result: Exclude<ReadResult<AccountCheck>, { kind: "unavailable" }>): CheckResult {
  const refused = { status: "INVALID", canWithdraw: null, makerFee: null, takerFee: null } as const;
  if (result.kind === "refused") return { ...refused, detail: `The venue refused the key: ${result.detail}` };
  const { canRead, canTrade, canWithdraw, makerFee, takerFee } = result.value;
  if (!canRead) return { ...refused, canWithdraw, detail: "The key may not read balances and orders." };
  if (!canTrade) return { ...refused, canWithdraw, detail: "The key may not trade." };
  if (canWithdraw === true) {
    return { ...refused, canWithdraw, detail: "The key can withdraw. Make one without that permission." };
  }
  return { status: "ACTIVE", detail: "", canWithdraw, makerFee, takerFee };
}

/** The balances found at the first check open the account's ledger; later differences are reconciliation's business. */
async function openLedger(tx: Tx, lane: Lane, check: AccountCheck): Promise<void> {
  const known = await listBalances(tx, lane.workspaceId, lane.venueAccountId, null);
  if (known.length > 0) return;
  const balances = check.balances.filter(({ total }) => !total.isZero()).map(({ asset, total }) => money(total, asset));
  const draft = postOpening(asVenueAccountId(lane.venueAccountId), balances);
  if (draft === null) return;
  insertEntries(tx, lane.workspaceId, [{ id: uuidv7(), draft, orderId: null, fillId: null, memo: "balances when connected" }]);
}

/**
 * Asks the venue what the account's key can do and records the verdict. An active account gets its opening balances and a
 * first reconciliation. Throws `VenueUnavailable` when the venue did not answer.
 */
export async function checkAccount(ctx: ExecutionContext, lane: Lane): Promise<void> {
  const account = await ctx.database.workspace(lane.workspaceId, (tx) => readVenueAccount(tx, lane));
  if (account === null || account.status === "REVOKED" || account.status === "DISABLED") return;
  const executor = await ctx.executors.get(lane);
  const startedAt = ctx.clock.now();
  const result = await executor.check();
  if (result.kind === "unavailable") throw new VenueUnavailable({ ...result, detail: `${account.venue}: ${result.detail}` });
  const verdict = judge(result);
  if (verdict.status === "INVALID") await ctx.executors.drop(lane.venueAccountId);
  await inLane(ctx, lane, async (tx) => {
    await writeCheck(tx, lane, verdict);
    const now = ctx.clock.now();
    if (result.kind === "ok" && verdict.status === "ACTIVE") {
      await openLedger(tx, lane, result.value);
      // By the venue's clock, whose times movements have.
      writeLedgerOpened(tx, lane, new Date(startedAt.getTime() + result.value.clockOffsetMs));
      requestReconcile(tx, lane, null, "CONNECT");
    }
    appendAudit(tx, {
      workspaceId: lane.workspaceId,
      actorKind: "WORKER",
      actorId: ctx.workerId,
      action: "credential.check",
      target: lane.venueAccountId,
      result: verdict.status === "ACTIVE" ? "OK" : "FAILED",
      details: { detail: verdict.detail },
    });
    appendEvents(tx, lane.workspaceId, [
      {
        type: "VenueAccountChecked",
        data: {
          venueAccountId: lane.venueAccountId,
          venue: account.venue,
          ok: verdict.status === "ACTIVE",
          canRead: result.kind === "ok" && result.value.canRead,
          canTrade: result.kind === "ok" && result.value.canTrade,
          canWithdraw: verdict.canWithdraw ?? false,
          reason: verdict.detail === "" ? null : verdict.detail,
          at: now.toISOString(),
        },
      },
    ]);
  });
}
