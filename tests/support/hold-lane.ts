import { eventually } from "./eventually.ts";
import type { FaultAccount, FaultPlatform } from "./fault-platform.ts";

/** A worker that holds accounts and does nothing. */
const STRANGER = "00000000-0000-4000-8000-000000000001";

/** Gives the account's lane to a worker that does nothing, until it is released. */
export async function holdLane(platform: FaultPlatform, venueAccountId: string): Promise<void> {
  await platform.query(
    `update lane_leases set holder = '${STRANGER}', token = token + 1, lease_until = now() + interval '10 minutes' where venue_account_id = $1`,
    [venueAccountId],
  );
}

/** Lets the workers have the lanes again, all of them at the same moment. */
export async function releaseLanes(platform: FaultPlatform, ...venueAccountIds: readonly string[]): Promise<void> {
  await platform.query("update lane_leases set lease_until = now() where venue_account_id = any($1::uuid[])", [venueAccountIds]);
}

/** Everything but the last step: the order is routed, and its account is in somebody else's hands. */
export async function routeAndHold(
  platform: FaultPlatform,
  account: FaultAccount,
  intent: Parameters<FaultPlatform["placeAccepted"]>[1] = {},
): Promise<string> {
  await holdLane(platform, account.venueAccountId);
  const orderId = await platform.placeAccepted(account, intent);
  await eventually(async () => (await platform.order(orderId))["venue_account_id"] !== null, { what: "a routed order" });
  return orderId;
}
