import { createHash } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import type { PlaceIntentInput, PlaceIntentResult } from "#lib/contracts/trade.ts";
import type { BracketInput } from "#lib/contracts/triggers.ts";
import type { Clock } from "#server/clock.ts";
import { appendAudit, type AuditRecord } from "#server/data/append-audit.ts";
import { lockRisk } from "#server/data/accounts/lock-risk.ts";
import type { Database } from "#server/data/database.ts";
import { acceptOrder } from "#server/data/orders/accept-order.ts";
import { insertIntent, type NewIntent, type StoredIntent } from "#server/data/orders/insert-intent.ts";
import { lockOrder } from "#server/data/orders/load-order.ts";
import type { Tx } from "#server/data/tx.ts";
import type { Actor } from "#server/domain/actor.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { asIntentId, asOrderId, asVenueAccountId, type OrderId, type UserId, type WorkspaceId } from "#server/domain/ids.ts";
import type { OrderPriority } from "#server/data/orders/order-row.ts";
import { postReserve } from "#server/domain/ledger/post.ts";
import type { Money } from "#server/domain/money/money.ts";
import { isTerminal } from "#server/domain/order/state.ts";
import { checkIntent, type IntentActor } from "#server/domain/risk/check-intent.ts";
import type { Denial } from "#server/domain/risk/denial-codes.ts";
import { capPrice } from "#server/domain/routing/walk-book.ts";
import { AppError } from "#server/errors.ts";
import { appendEvents, type NewEvent } from "#server/events/append.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { ATTEMPTS_UNLIMITED } from "#server/jobs/job.ts";
import { type AuditedAct, recordOfAct } from "./audit-act.ts";
import { withdrawOrder } from "./cancel-order.ts";
import { type IntentFacts, type IntentRequest, readFigures, toFacts } from "./intent/gather-facts.ts";
import { inTurn } from "./intent/in-turn.ts";
import { parseRequest } from "./intent/parse-request.ts";
import { checkSlices, wayOf } from "./intent/choose-way.ts";
import { startTwap } from "./twap/start-twap.ts";
import { ruleOf } from "#server/domain/twap/way.ts";
import { assertBracketFits } from "./triggers/levels.ts";
import { insertBracket } from "./triggers/insert-bracket.ts";
import { makeWayForExit } from "./triggers/make-way.ts";

export interface PlaceIntentDeps {
  readonly database: Database;
  readonly clock: Clock;
}

/** In whose name an intent is placed, and how it is written down. */
export interface IntentAuthor {
  readonly workspaceId: WorkspaceId;
  readonly userId: UserId;
  readonly role: IntentActor;
  readonly source: NewIntent["source"];
  /** Of its exits. */
  readonly exitPriority: OrderPriority;
  readonly audit: (act: AuditedAct) => AuditRecord;
}

const PRIORITY_EXIT = 2;
const PRIORITY_ENTRY = 4;

/** The same id with the same content is a repeat; with other content it is a mistake worth refusing. */
function hashRequest(input: PlaceIntentInput): string {
  const { symbol, side, type, timeInForce, postOnly, isExit, venueAccountId, bracket, overTime } = input;
  const numbers = [
    new Decimal(input.quantity).toFixed(),
    input.limitPrice === null ? null : new Decimal(input.limitPrice).toFixed(),
  ];
  return createHash("sha256")
    .update(
      JSON.stringify([
        symbol,
        side,
        type,
        timeInForce,
        postOnly,
        isExit,
        venueAccountId,
        ...numbers,
        ...(bracket ? [bracket] : []),
        // At once and "as the rule says" are different wishes; without a word the hash stays what it was.
        ...(overTime === undefined ? [] : [overTime === null ? "AT_ONCE" : [overTime.slices, overTime.durationMs]]),
      ]),
    )
    .digest("hex");
}

function repeatOf(stored: StoredIntent, input: PlaceIntentInput, requestHash: string): PlaceIntentResult {
  if (stored.requestHash !== requestHash) throw new AppError("INTENT_CONFLICT", { intentId: input.intentId });
  return {
    intentId: input.intentId,
    orderId: stored.orderId,
    twapId: stored.twapId,
    state: stored.state,
    denialCode: stored.denialCode,
    denialDetails: stored.denialDetails,
    repeated: true,
  };
}

/** A pinned account must be this workspace's; anybody else's does not exist for the caller. */
function assertPinnedAccount(facts: IntentFacts, request: IntentRequest): void {
  if (request.venueAccountId !== null && facts.accounts.length === 0) {
    throw new AppError("NOT_FOUND", { what: "venue account" });
  }
}

interface Accepted {
  readonly audit: AuditRecord;
  readonly intent: NewIntent;
  readonly reserve: Money;
  readonly priority: OrderPriority;
  readonly bracket: BracketInput | null;
}

/** `lead` are events of the same transaction that come before its own. */
function accept(
  tx: Tx,
  { audit, intent, reserve, priority, bracket }: Accepted,
  facts: IntentFacts,
  lead: readonly NewEvent[],
  now: Date,
): OrderId {
  const { check } = facts;
  const orderId = asOrderId(uuidv7());
  const pinned = intent.venueAccountId;
  const holder = pinned ?? intent.workspaceId;
  const cap = check.reference === null ? null : capPrice(check.reference.price, intent.side, check.slippageCapBps);
  acceptOrder(tx, {
    audit,
    intent,
    order: {
      ...intent,
      id: orderId,
      intentId: intent.id,
      priceCap: intent.limitPrice ?? cap?.toDecimalPlaces(18) ?? null,
      reserve,
      reserveHolderId: holder,
      priority,
      hasTriggers: bracket !== null,
    },
    reserve: { entryId: uuidv7(), draft: postReserve(pinned, reserve), memo: "order accepted" },
  });
  if (bracket !== null) insertBracket(tx, intent, orderId, bracket);
  enqueue(tx, {
    kind: "order.execute",
    workspaceId: intent.workspaceId,
    lane: null,
    priority,
    payload: { orderId, symbol: intent.symbol, side: intent.side },
    attemptsMax: ATTEMPTS_UNLIMITED,
    dedupeKey: `order.execute:${orderId}`,
  });
  appendEvents(tx, intent.workspaceId, [
    ...lead,
    {
      type: "OrderAccepted",
      data: {
        orderId,
        intentId: intent.id,
        state: "PENDING_NEW",
        version: 0,
        at: now.toISOString(),
        symbol: intent.symbol,
        side: intent.side,
        type: intent.type,
        timeInForce: intent.timeInForce,
        postOnly: intent.postOnly,
        quantity: intent.quantity.toFixed(),
        limitPrice: intent.limitPrice?.toFixed() ?? null,
        isExit: intent.isExit,
      },
    },
  ]);
  return orderId;
}

function recordDenial(tx: Tx, author: IntentAuthor, intent: NewIntent, denial: Denial): void {
  insertIntent(tx, { ...intent, denial });
  appendAudit(tx, author.audit({ action: "intent.place", target: intent.id, result: "DENIED", details: { code: denial.code } }));
}

/**
 * Accepts or denies an intent in one transaction, as an order or as an order over time (see the contract's `overTime`): under the workspace's risk lock it checks, inserts the intent and its
 * order, reserves the funds, enqueues the work, and appends the event and the audit row. Own resting orders that an exit would meet, and
 * stops at the venue that hold its coins, are withdrawn first. The same intent id again returns the first result. Throws `AppError` INTENT_CONFLICT (the id was used for something
 * else), NOT_FOUND, and TRIGGER_REFUSED for a stop or target on the wrong side of the entry, and
 * RATE_LIMITED for an entry behind too many of the workspace's own.
 */
export function placeIntent(deps: PlaceIntentDeps, actor: Actor, input: PlaceIntentInput): Promise<PlaceIntentResult> {
  const author: IntentAuthor = {
    workspaceId: actor.workspaceId,
    userId: actor.userId,
    role: actor.role,
    source: "MANUAL",
    exitPriority: PRIORITY_EXIT,
    audit: (act) => recordOfAct(actor, act),
  };
  const place = () => deps.database.workspace(actor.workspaceId, (tx) => placeIn(tx, author, input, deps.clock.now()));
  // Nothing holds back an exit, also not the entries of the same workspace.
  return input.isExit ? place() : inTurn(deps.database, actor.workspaceId, place);
}

/** The same inside the caller's transaction, in anybody's name. */
export async function placeIn(tx: Tx, author: IntentAuthor, input: PlaceIntentInput, now: Date): Promise<PlaceIntentResult> {
  const { workspaceId } = author;
  const request = parseRequest(input, input);
  const requestHash = hashRequest(input);
  const intentId = asIntentId(input.intentId);
  // The server runs these one after another, so all that is read is as of after the lock.
  const [risk, figures] = await Promise.all([lockRisk(tx, workspaceId), readFigures(tx, workspaceId, request, now, intentId)]);
  if (risk === null) throw new AppError("NOT_FOUND", { what: "workspace" });
  if (figures.stored !== null) return repeatOf(figures.stored, input, requestHash);

  const facts = toFacts(author.role, risk, request, figures, now);
  if (input.bracket !== undefined)
    assertBracketFits(input.bracket, request.terms.limitPrice, facts.check.reference?.price ?? null);
  assertPinnedAccount(facts, request);
  const intent: NewIntent = {
    ...request.terms,
    workspaceId,
    id: intentId,
    actorUserId: author.userId,
    source: author.source,
    requestHash,
    isExit: request.isExit,
    venueAccountId: request.venueAccountId === null ? null : asVenueAccountId(request.venueAccountId),
    denial: null,
  };
  const checked = checkIntent(facts.check);
  const rule = ruleOf(risk.overTimeUsdMin);
  const way = wayOf(facts.check, request, input.overTime, rule);
  const verdict = checked.allowed ? (checkSlices(facts.check, way) ?? checked) : checked;
  const answer = { intentId: input.intentId, orderId: null, twapId: null, repeated: false } as const;
  if (!verdict.allowed) {
    recordDenial(tx, author, intent, verdict);
    return { ...answer, state: "DENIED", denialCode: verdict.code, denialDetails: verdict.details };
  }
  const accepted = { ...answer, state: "ACCEPTED", denialCode: null, denialDetails: null } as const;
  const audit = author.audit({ action: "intent.place", target: intentId, result: "OK", details: {} });
  if (way.kind === "OVER_TIME") {
    appendAudit(tx, audit);
    startTwap(tx, intent, way, rule, now);
    return { ...accepted, twapId: intentId };
  }
  for (const ownId of verdict.cancelFirst) {
    const own = await lockOrder(tx, workspaceId, ownId);
    if (own !== null && !isTerminal(own.state)) withdrawOrder(tx, own, now);
  }
  const priority = request.isExit ? author.exitPriority : PRIORITY_ENTRY;
  const lead = request.isExit ? await makeWayForExit(tx, request, figures, now) : [];
  const orderId = accept(
    tx,
    { audit, intent, reserve: verdict.reserve, priority, bracket: input.bracket ?? null },
    facts,
    lead,
    now,
  );
  return { ...accepted, orderId };
}
