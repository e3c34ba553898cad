import { v7 as uuidv7 } from "uuid";
import type { ConnectVenueResult } from "#lib/contracts/read.ts";
import { lockRisk, type RiskRow } from "#server/data/accounts/lock-risk.ts";
import type { Tx } from "#server/data/tx.ts";
import { insertCredential, insertVenueAccount } from "#server/data/venue-accounts/insert-venue-account.ts";
import { listVenueAccounts, lockVenueAccount, type VenueAccountRow } from "#server/data/venue-accounts/list-venue-accounts.ts";
import type { Actor } from "#server/domain/actor.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import { type AccountMode, CREDENTIAL_FIELDS, type VenueId } from "#server/domain/venue.ts";
import { AppError } from "#server/errors.ts";
import { appendEvents } from "#server/events/append.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { auditAct } from "#server/services/audit-act.ts";
import { limitsOf } from "#server/services/intent/gather-facts.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";
import type { CredentialSealer, SealedCredential } from "#server/vault/seal.ts";

export interface ConnectVenueDeps extends ServiceDeps {
  readonly sealer: CredentialSealer;
}

export interface ConnectVenueRequest {
  readonly venueAccountId: string;
  readonly venue: VenueId;
  readonly mode: AccountMode;
  readonly label: string;
  readonly apiKey: string;
  readonly secret: string;
  readonly password: string | null;
}

/** Job of the worker that tries the key at the venue. */
export const VENUE_CHECK_JOB = "venue.check";
const PRIORITY_CHECK = 3;
const KEY_HINT_LENGTH = 4;

/** The last four characters; nothing of a key so short that four would be much of it. */
function keyHintOf(apiKey: string): string {
  return apiKey.length >= 2 * KEY_HINT_LENGTH ? apiKey.slice(-KEY_HINT_LENGTH) : "";
}

function assertFields(request: ConnectVenueRequest): void {
  const asksPassword = CREDENTIAL_FIELDS[request.venue].some((field) => field.name === "password");
  if (asksPassword && !request.password) throw new AppError("INPUT_INVALID", { password: "This venue asks for a passphrase" });
  if (!asksPassword && request.password) throw new AppError("INPUT_INVALID", { password: "This venue has no passphrase" });
}

function assertWithinLimits(risk: RiskRow, connected: readonly VenueAccountRow[], request: ConnectVenueRequest): void {
  if (request.mode === "LIVE" && !risk.liveEnabled) throw new AppError("LIVE_NOT_ENABLED");
  const limit = limitsOf(risk).maxVenues;
  const venues = new Set([...connected.map((account) => account.venue), request.venue]);
  if (limit !== null && venues.size > limit.value) {
    throw new AppError("TIER_VENUES_EXCEEDED", { limit: String(limit.value), source: limit.source });
  }
}

/** The same form sent twice is a repeat; another form under the same id is refused. */
function repeatOf(existing: VenueAccountRow, request: ConnectVenueRequest): ConnectVenueResult {
  const same =
    existing.venue === request.venue &&
    existing.mode === request.mode &&
    existing.label === request.label &&
    existing.key_hint === keyHintOf(request.apiKey);
  if (!same) throw new AppError("VENUE_ACCOUNT_EXISTS");
  return { venueAccountId: existing.id, status: existing.status, repeated: true };
}

async function recordConnected(tx: Tx, actor: Actor, request: ConnectVenueRequest, now: Date): Promise<void> {
  const { venueAccountId, venue, mode } = request;
  enqueue(tx, {
    kind: VENUE_CHECK_JOB,
    workspaceId: actor.workspaceId,
    lane: asVenueAccountId(venueAccountId),
    priority: PRIORITY_CHECK,
    payload: { venueAccountId },
    dedupeKey: `${VENUE_CHECK_JOB}:${venueAccountId}`,
  });
  auditAct(tx, actor, { action: "venue.connect", target: venueAccountId, result: "OK", details: { venue, mode } });
  const data = { venueAccountId: asVenueAccountId(venueAccountId), venue, at: now.toISOString() };
  appendEvents(tx, actor.workspaceId, [{ type: "VenueAccountConnected", data }]);
}

/**
 * Connects a venue account in one transaction: the account (being checked), its lane, the sealed credential, the check job,
 * the audit row and the event. The same id again connects nothing twice. Throws `INPUT_INVALID`,
 * `LIVE_NOT_ENABLED`, `TIER_VENUES_EXCEEDED`, `VENUE_ACCOUNT_EXISTS`, and `NOT_FOUND` for an id that is not this workspace's.
 */
export async function connectVenue(
  deps: ConnectVenueDeps,
  actor: Actor,
  request: ConnectVenueRequest,
): Promise<ConnectVenueResult> {
  assertFields(request);
  const { venueAccountId, apiKey, secret, password } = request;
  const { workspaceId } = actor;
  const credentialId = uuidv7();
  // Sealed before the transaction starts: from here on nothing in the clear is in reach of a statement, a job or a log line.
  const sealed: SealedCredential = await deps.sealer.seal(
    { apiKey, secret, ...(password === null ? {} : { password }) },
    { workspaceId, venueAccountId, credentialId },
  );
  return deps.database.workspace(workspaceId, async (tx) => {
    // The risk row is the workspace's lock: two forms at once cannot both take the last place of the plan.
    const risk = await lockRisk(tx, workspaceId);
    if (risk === null) throw new AppError("NOT_FOUND");
    const existing = await lockVenueAccount(tx, workspaceId, venueAccountId);
    if (existing !== null) return repeatOf(existing, request);
    assertWithinLimits(risk, await listVenueAccounts(tx, workspaceId), request);
    const now = deps.clock.now();
    const account = { id: venueAccountId, workspaceId, venue: request.venue, label: request.label, mode: request.mode };
    const isNew = await insertVenueAccount(tx, { ...account, keyHint: keyHintOf(apiKey), createdAt: now });
    if (!isNew) throw new AppError("NOT_FOUND");
    const { kid, jwe } = sealed;
    await insertCredential(tx, {
      id: credentialId,
      workspaceId,
      venueAccountId,
      kid,
      jwe,
      createdBy: actor.userId,
      createdAt: now,
    });
    await recordConnected(tx, actor, request, now);
    return { venueAccountId, status: "CHECKING", repeated: false };
  });
}
