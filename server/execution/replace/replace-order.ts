import { loadOrder } from "#server/data/orders/load-order.ts";
import { asRouted } from "#server/data/orders/order-row.ts";
import { findReplacement } from "#server/data/orders/replacements.ts";
import type { ReplaceWay } from "#server/domain/order/replacement.ts";
import { isTerminal } from "#server/domain/order/state.ts";
import type { ExecutionContext, Lane } from "../context.ts";
import { crashPoint } from "../crash-points.ts";
import type { VenueAccountExecutor } from "../executors/executor.ts";
import { claimReplacement, type ReplacementRef } from "./claim-replacement.ts";
import { giveUpRenewal, type Sent, sendReplacement } from "./send-replacement.ts";
import { type Looked, settleReplacement } from "./settle-replacement.ts";

/** Nothing: over. Otherwise look again after so long. */
type ReplaceRun = undefined | { readonly repeatAfterMs: number };

const UNSENT_AGAIN_MS = 1_000;
const LOOK_AGAIN_MS_MIN = 200;
const LOOK_AGAIN_MS_MAX = 15_000;

/** Looks come quickly at first and grow with the age of the question. A replacement that stays open is a person's business. */
async function again(ctx: ExecutionContext, lane: Lane, { orderId, replacementId }: ReplacementRef): Promise<ReplaceRun> {
  const { workspaceId } = lane;
  const replacement = await ctx.database.workspace(workspaceId, (tx) => findReplacement(tx, workspaceId, replacementId));
  const ageMs = ctx.clock.now().getTime() - (replacement?.sentAt ?? ctx.clock.now()).getTime();
  if (ageMs > ctx.settings.unknownAlertMs) {
    ctx.log.error({ orderId, replacementId, ageMs }, "outcome of a change still unknown: a person must decide");
  }
  return { repeatAfterMs: Math.min(LOOK_AGAIN_MS_MAX, Math.max(LOOK_AGAIN_MS_MIN, Math.round(ageMs / 3))) };
}

/** The order still rests: it is told to end once more, and looked at. */
async function cancelAgain(
  ctx: ExecutionContext,
  lane: Lane,
  executor: VenueAccountExecutor,
  ref: ReplacementRef,
): Promise<Looked> {
  const { workspaceId } = lane;
  const [row, replacement] = await ctx.database.workspace(workspaceId, async (tx) => [
    await loadOrder(tx, workspaceId, ref.orderId),
    await findReplacement(tx, workspaceId, ref.replacementId),
  ]);
  if (row === null || replacement === null || replacement.state !== "SENT" || isTerminal(row.state)) return "look-again";
  const sending = { executor, order: asRouted(row), replacement, breakersClosed: false, isFirst: false };
  const sent = await sendReplacement(ctx, lane, sending);
  return lookAfter(ctx, lane, executor, ref, "RENEW", sent);
}

async function lookAfter(
  ctx: ExecutionContext,
  lane: Lane,
  executor: VenueAccountExecutor,
  ref: ReplacementRef,
  way: ReplaceWay,
  sent: Sent,
): Promise<Looked> {
  const looked = await settleReplacement(ctx, lane, executor, ref, way);
  if (looked !== "cancel-again" || sent.kind !== "cancel-refused") return looked;
  await giveUpRenewal(ctx, lane, ref, sent.outcome);
  return "settled";
}

/**
 * Gives an open order the terms that somebody asked for, once: in place where its venue can, and otherwise by ending it and letting another
 * one take over what is left. Transaction A commits that it is about to be sent, then the one network call, then looks settle it: what has
 * been sent is never sent again. Runs until it is certain what became of it.
 */
export async function replaceOrder(ctx: ExecutionContext, lane: Lane, ref: ReplacementRef): Promise<ReplaceRun> {
  const executor = await ctx.executors.get(lane);
  const way: ReplaceWay = executor.capabilities.replacesInPlace ? "AMEND" : "RENEW";
  const claimed = await claimReplacement(ctx, lane, ref, way);
  if (claimed.kind === "done") return undefined;
  let sent: Sent = { kind: "look" };
  if (claimed.kind === "send") {
    crashPoint("replace:after-claim-commit");
    sent = await sendReplacement(ctx, lane, { executor, ...claimed, isFirst: true });
    if (sent.kind === "refused") return undefined;
    if (sent.kind === "unsent") return { repeatAfterMs: UNSENT_AGAIN_MS };
  }
  let looked = await lookAfter(ctx, lane, executor, ref, way, sent);
  if (looked === "cancel-again" && claimed.kind === "look") looked = await cancelAgain(ctx, lane, executor, ref);
  crashPoint("replace:after-settle-commit");
  return looked === "settled" ? undefined : again(ctx, lane, ref);
}
