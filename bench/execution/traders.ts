import { VENUE_IDS } from "#server/domain/venue.ts";
import { v7 as uuidv7 } from "uuid";
import type { Database } from "#server/data/database.ts";
import { insertCredential } from "#server/data/venue-accounts/insert-venue-account.ts";
import type { Actor } from "#server/domain/actor.ts";
import { asUserId, asWorkspaceId } from "#server/domain/ids.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import type { CredentialSealer } from "#server/vault/seal.ts";
import { createVenueAccount, createWorkspace, openBalance, type OwnerQuery } from "#tests/support/fixtures.ts";
import type { SimulatorProcess } from "./child-processes.ts";
import { BALANCES, createSimAccount } from "./sim-account.ts";

export interface Trader {
  readonly actor: Actor;
  /** Fixed, so that a workspace's own orders never cross each other. */
  readonly side: "BUY" | "SELL";
}

export interface TraderParts {
  readonly query: OwnerQuery;
  readonly web: Database;
  readonly simulator: SimulatorProcess;
  readonly sealer: CredentialSealer;
}

const VENUES = VENUE_IDS;
const UPKEEP_AFTER_MS = 3_600_000;

/**
 * A workspace with an account at each venue, as connecting leaves them: checked, reconciled, with the venue's balances in
 * the ledger. `at` decides at which of them its fees are lowest, which is where the router will send its orders.
 */
export async function createTrader(parts: TraderParts, at: number): Promise<Trader> {
  const { userId, workspaceId } = await createWorkspace(parts.query, { tier: "ENTERPRISE" });
  await parts.query(
    "update workspace_risk set position_usd_max = 1e12, daily_loss_usd_max = 1e12, slippage_bps_max = 100 where workspace_id = $1",
    [workspaceId],
  );
  for (const [index, venue] of VENUES.entries()) {
    const isCheapest = index === at % VENUES.length;
    const { venueAccountId } = await createVenueAccount(parts.query, workspaceId, { venue });
    await parts.query("update venue_accounts set maker_fee = $2, taker_fee = $2, reconciled_at = now() where id = $1", [
      venueAccountId,
      isCheapest ? "0.001" : "0.02",
    ]);
    for (const [asset, amount] of Object.entries(BALANCES)) {
      await openBalance(parts.query, workspaceId, venueAccountId, asset, amount);
    }
    await connect(parts, { userId, workspaceId, venueAccountId, venue });
  }
  const facts = { role: "OWNER", address: "127.0.0.1", userAgent: "bench", requestId: "bench" } as const;
  return {
    actor: { userId: asUserId(userId), workspaceId: asWorkspaceId(workspaceId), ...facts },
    side: Math.floor(at / VENUES.length) % 2 === 0 ? "BUY" : "SELL",
  };
}

/** The sealed credential, and a reconciliation that waits beyond the run: the sweep would ask for one for every account at once. */
async function connect(
  { web, simulator, sealer }: TraderParts,
  account: { userId: string; workspaceId: string; venueAccountId: string; venue: (typeof VENUES)[number] },
): Promise<void> {
  const { userId, workspaceId, venueAccountId, venue } = account;
  const credentialId = uuidv7();
  const { apiKey, secret, passphrase } = await createSimAccount(simulator, venue);
  const opened = { apiKey, secret, ...(passphrase === undefined ? {} : { password: passphrase }) };
  const sealed = await sealer.seal(opened, { workspaceId, venueAccountId, credentialId });
  await web.workspace(workspaceId, async (tx) => {
    await insertCredential(tx, {
      id: credentialId,
      workspaceId,
      venueAccountId,
      ...sealed,
      createdBy: userId,
      createdAt: new Date(),
    });
    enqueue(tx, {
      kind: "account.reconcile",
      workspaceId,
      lane: venueAccountId,
      priority: 5,
      payload: {},
      runAt: new Date(Date.now() + UPKEEP_AFTER_MS),
      dedupeKey: `account.reconcile:${venueAccountId}`,
    });
  });
}
