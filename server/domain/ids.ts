import { assert } from "#server/domain/assert.ts";

declare const brand: unique symbol;

/** A UUID that names one kind of thing: the compiler refuses an order's id where an intent's is asked for. */
type Id<Kind extends string> = string & { readonly [brand]: Kind };

export type UserId = Id<"User">;
export type WorkspaceId = Id<"Workspace">;
export type VenueAccountId = Id<"VenueAccount">;
export type IntentId = Id<"Intent">;
export type OrderId = Id<"Order">;
export type FillId = Id<"Fill">;
export type RouteDecisionId = Id<"RouteDecision">;

const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for a UUID of any version in the lower-case form that PostgreSQL prints. */
export function isUuid(text: string): boolean {
  return UUID_PATTERN.test(text);
}

function brandUuid<T extends string>(kind: string, text: string): T {
  const lower = text.toLowerCase();
  // Wire input is refused by its Zod contract before it gets here, so a malformed id is a bug.
  assert(isUuid(lower), `${kind} id is not a UUID`);
  return lower as T;
}

/** Each `as<Kind>Id` lower-cases, checks the UUID form and throws `InvariantError` otherwise. */
export const asUserId = (text: string): UserId => brandUuid<UserId>("user", text);
export const asWorkspaceId = (text: string): WorkspaceId => brandUuid<WorkspaceId>("workspace", text);
export const asVenueAccountId = (text: string): VenueAccountId => brandUuid<VenueAccountId>("venue account", text);
export const asIntentId = (text: string): IntentId => brandUuid<IntentId>("intent", text);
export const asOrderId = (text: string): OrderId => brandUuid<OrderId>("order", text);
export const asFillId = (text: string): FillId => brandUuid<FillId>("fill", text);
export const asRouteDecisionId = (text: string): RouteDecisionId => brandUuid<RouteDecisionId>("route decision", text);
