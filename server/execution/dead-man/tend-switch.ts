import { pauseLane } from "#server/data/accounts/pause-lane.ts";
import { type DeadManRow, readDeadMan } from "#server/data/dead-man/read-switch.ts";
import { type DeadManState, lapseDeadMan, writeDeadMan } from "#server/data/dead-man/write-switch.ts";
import { deadManStep, hasLapsed, isHeldBack } from "#server/domain/protection/dead-man.ts";
import { appendEvents } from "#server/events/append.ts";
import { type ExecutionContext, inLane, type Lane } from "../context.ts";
import type { DeadManOutcome } from "../executors/executor.ts";
import { requestDeadMan, requestReconcile, requestSync } from "../request-work.ts";

const LOOK_AGAIN_MS = 2_000;
/** A venue that said no is not asked again at once. */
const REFUSED_AGAIN_MS = 30_000;

interface Tended {
  readonly state: DeadManState;
  /** Null: nothing is left to do until something rests again. */
  readonly againMs: number | null;
  readonly pausedUntil?: Date;
}

/** Nobody renewed the countdown in time, so what rested there has been canceled: it is looked at before anything else. */
async function recordLapse(ctx: ExecutionContext, lane: Lane): Promise<void> {
  ctx.log.warn({ venueAccountId: lane.venueAccountId }, "a dead man's switch was not renewed in time");
  await inLane(ctx, lane, (tx) => {
    lapseDeadMan(tx, lane);
    requestSync(tx, lane, null);
    requestReconcile(tx, lane, null, "LAPSE");
    const data = { venueAccountId: lane.venueAccountId, at: ctx.clock.now().toISOString() };
    appendEvents(tx, lane.workspaceId, [{ type: "DeadManSwitchLapsed", data }]);
  });
}

/** What stays as it was after a call that did not succeed. `notDone`: certainly not. */
function failed(
  outcome: Exclude<DeadManOutcome, { kind: "armed" | "disarmed" }>,
  before: DeadManState,
  during: DeadManState,
): Tended {
  if (outcome.kind === "unknown") {
    const paused = outcome.pausedUntil === undefined ? {} : { pausedUntil: outcome.pausedUntil };
    // INVARIANT: a countdown that may have begun is remembered as if it had.
    const state = outcome.notSent === true ? before : during;
    return { state: { ...state, problem: outcome.detail }, againMs: LOOK_AGAIN_MS, ...paused };
  }
  const problem = outcome.kind === "rejected" ? outcome.detail : "This venue has no dead man's switch.";
  return { state: { ...before, problem }, againMs: REFUSED_AGAIN_MS };
}

async function arm(ctx: ExecutionContext, lane: Lane, before: DeadManState, seconds: number): Promise<Tended> {
  const executor = await ctx.executors.get(lane);
  const until = new Date(ctx.clock.now().getTime() + seconds * 1000);
  const armed = { ...before, armedUntil: until, problem: "" };
  // Known before the venue can know it: whoever takes over after a crash has to ask what it did. One that counts already ends first.
  const during = before.armedUntil === null ? armed : before;
  await inLane(ctx, lane, (tx) => writeDeadMan(tx, lane, during));
  const outcome = await executor.armDeadMan(seconds);
  if (outcome.kind === "armed") return { state: armed, againMs: LOOK_AGAIN_MS };
  if (outcome.kind === "disarmed") throw new Error("a switch that was armed is off");
  return failed(outcome, before, during);
}

async function disarm(ctx: ExecutionContext, lane: Lane, before: DeadManState): Promise<Tended> {
  const executor = await ctx.executors.get(lane);
  // Nothing to write, but nothing is said to the venue by a worker that lost the account.
  await inLane(ctx, lane, () => undefined);
  const outcome = await executor.disarmDeadMan();
  if (outcome.kind === "disarmed") return { state: { ...before, armedUntil: null, problem: "" }, againMs: null };
  if (outcome.kind === "armed") throw new Error("a switch that was switched off is armed");
  return { ...failed(outcome, before, before), againMs: LOOK_AGAIN_MS };
}

async function tend(ctx: ExecutionContext, lane: Lane, row: DeadManRow): Promise<Tended> {
  const before: DeadManState = { armedUntil: row.armedUntil, heldBack: isHeldBack(row), problem: row.problem };
  // Without a key nobody can switch it off; it ends by itself.
  if (!row.isConnected) return { state: { armedUntil: null, heldBack: false, problem: "" }, againMs: null };
  const planned = deadManStep(row, ctx.clock.now());
  // What the venue did not confirm is asked for again, however much of the countdown would be left.
  const step = planned === "keep" && row.problem !== "" ? "arm" : planned;
  if (step === "arm" && row.seconds !== null) return arm(ctx, lane, before, row.seconds);
  if (step === "disarm") return disarm(ctx, lane, before);
  return step === "keep" ? { state: before, againMs: LOOK_AGAIN_MS } : { state: { ...before, problem: "" }, againMs: null };
}

/**
 * Looks after the dead man's switch of one account, in its lane: arms or renews it while entries alone rest there, switches it off when
 * they are gone, when an exit is there too, or when the owner does not want it any more. Comes back while it counts, and forever
 * if it has to; a worker that lost the lane writes nothing and so neither comes back.
 */
export async function tendDeadMan(ctx: ExecutionContext, lane: Lane): Promise<void> {
  const read = () => ctx.database.workspace(lane.workspaceId, (tx) => readDeadMan(tx, lane));
  let row = await read();
  if (row !== null && hasLapsed(row, ctx.clock.now())) {
    await recordLapse(ctx, lane);
    row = await read();
  }
  if (row === null) return;
  const { state, againMs, pausedUntil } = await tend(ctx, lane, row);
  await inLane(ctx, lane, async (tx) => {
    if (pausedUntil !== undefined) await pauseLane(tx, lane, pausedUntil);
    writeDeadMan(tx, lane, state);
    if (againMs !== null) requestDeadMan(tx, lane, new Date(ctx.clock.now().getTime() + againMs));
  });
}
