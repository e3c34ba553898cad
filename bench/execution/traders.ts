import { v7 as uuidv7 } from "uuid";
import type { Actor } from "#server/domain/actor.ts";
import { asUserId, asWorkspaceId } from "#server/domain/ids.ts";
import { VENUE_IDS, type VenueId } from "#server/domain/venue.ts";
import type { CredentialSealer } from "#server/vault/seal.ts";
import type { OwnerQuery } from "#tests/support/fixtures.ts";
import type { SimulatorProcess } from "./child-processes.ts";
import { insertAccounts, insertWorkspaces } from "./insert-traders.ts";
import { BALANCES, createSimAccount } from "./sim-account.ts";

export interface Trader {
  readonly actor: Actor;
  /** Fixed, so that a workspace's own orders never cross each other. */
  readonly side: "BUY" | "SELL";
  /** Its accounts' ids in the simulator's own record. */
  readonly simAccounts: readonly string[];
}

export interface TraderParts {
  readonly query: OwnerQuery;
  readonly simulator: SimulatorProcess;
  readonly sealer: CredentialSealer;
}

/** Workspaces that are made at once. */
const BATCH = 50;
const FEE_CHEAPEST = "0.001";
const FEE_OTHERS = "0.02";

/**
 * Workspaces with an account at each venue, as signing up, connecting and the first check leave them: accounts of their own at the paper
 * venues, keys sealed for each, checked, reconciled, with the venue's balances in the ledger. A workspace's number decides at which venue
 * its fees are lowest, which is where the router will send its orders.
 */
export async function createTraders(parts: TraderParts, count: number): Promise<Trader[]> {
  const traders: Trader[] = [];
  for (let from = 0; from < count; from += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) => from + index);
    traders.push(...(await createBatch(parts, numbers)));
  }
  return traders;
}

async function createBatch(parts: TraderParts, numbers: readonly number[]): Promise<Trader[]> {
  const workspaces = numbers.map((at) => ({ at, userId: uuidv7(), workspaceId: uuidv7() }));
  const accounts = await Promise.all(
    workspaces.flatMap(({ at, userId, workspaceId }) =>
      VENUE_IDS.map((venue, index) =>
        connect(parts, { userId, workspaceId, venue, isCheapest: index === at % VENUE_IDS.length }),
      ),
    ),
  );
  await insertWorkspaces(parts.query, workspaces);
  await insertAccounts(parts.query, accounts, BALANCES);
  return workspaces.map(({ at, userId, workspaceId }) => ({
    actor: {
      userId: asUserId(userId),
      workspaceId: asWorkspaceId(workspaceId),
      role: "OWNER",
      address: "127.0.0.1",
      userAgent: "bench",
      requestId: "bench",
    },
    side: Math.floor(at / VENUE_IDS.length) % 2 === 0 ? "BUY" : "SELL",
    simAccounts: accounts.filter((account) => account.workspaceId === workspaceId).map(({ simAccountId }) => simAccountId),
  }));
}

interface WantedAccount {
  readonly userId: string;
  readonly workspaceId: string;
  readonly venue: VenueId;
  readonly isCheapest: boolean;
}

async function connect({ simulator, sealer }: TraderParts, { userId, workspaceId, venue, isCheapest }: WantedAccount) {
  const [venueAccountId, credentialId] = [uuidv7(), uuidv7()];
  const { id: simAccountId, apiKey, secret, passphrase } = await createSimAccount(simulator, venue);
  const opened = { apiKey, secret, ...(passphrase === undefined ? {} : { password: passphrase }) };
  const sealed = await sealer.seal(opened, { workspaceId, venueAccountId, credentialId });
  const fee = isCheapest ? FEE_CHEAPEST : FEE_OTHERS;
  return { simAccountId, venueAccountId, credentialId, userId, workspaceId, venue, keyHint: apiKey.slice(-4), fee, ...sealed };
}
