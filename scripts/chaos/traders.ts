import { v7 as uuidv7 } from "uuid";
import { systemClock } from "#server/clock.ts";
import type { Actor } from "#server/domain/actor.ts";
import { asUserId, asWorkspaceId } from "#server/domain/ids.ts";
import { connectVenue } from "#server/services/connect-venue.ts";
import type { SimVenueId } from "#simulator/engine/types.ts";
import type { Stack } from "./stack.ts";
import { waitUntil } from "./wait-until.ts";

export interface ChaosAccount {
  readonly venueAccountId: string;
  readonly venue: SimVenueId;
  readonly simAccountId: string;
  readonly apiKey: string;
}

/** One workspace with an account at each venue. */
export interface Trader {
  readonly actor: Actor;
  readonly accounts: readonly ChaosAccount[];
}

const WORKSPACES = 6;
const CONNECT_TIMEOUT_MS = 60_000;
const BALANCES = { USDT: "250000", USD: "250000", USDC: "250000", BTC: "4", ETH: "80", SOL: "1500", BNB: "50" };
/** Every third workspace pays binance's fees in a third asset. */
const THIRD_ASSET_EVERY = 3;

async function createTrader(stack: Stack, number: number, venues: readonly SimVenueId[]): Promise<Trader> {
  const [userId, workspaceId] = [uuidv7(), uuidv7()];
  const { query } = stack.owner;
  await query("insert into users (id, email, name, password_hash) values ($1, $2, $3, '')", [
    userId,
    `trader-${number}@chaos.test`,
    `Trader ${number}`,
  ]);
  await query("insert into workspaces (id, name, tier) values ($1, $2, 'ENTERPRISE')", [workspaceId, `Chaos ${number}`]);
  await query("insert into members (workspace_id, user_id, role) values ($1, $2, 'OWNER')", [workspaceId, userId]);
  await query(
    `insert into workspace_risk (workspace_id, position_usd_max, daily_loss_usd_max, open_positions_max)
     values ($1, 10000000, 10000000, 1000)`,
    [workspaceId],
  );
  const facts = { role: "OWNER", address: "127.0.0.1", userAgent: "chaos", requestId: "chaos" } as const;
  const actor: Actor = { userId: asUserId(userId), workspaceId: asWorkspaceId(workspaceId), ...facts };
  const accounts: ChaosAccount[] = [];
  for (const venue of venues) accounts.push(await connect(stack, actor, venue, number));
  return { actor, accounts };
}

async function connect(stack: Stack, actor: Actor, venue: SimVenueId, number: number): Promise<ChaosAccount> {
  const feeMode = venue === "binance" && number % THIRD_ASSET_EVERY === 0 ? { feeMode: { asset: "BNB" } } : {};
  const {
    id,
    apiKey,
    secret,
    passphrase = null,
  } = await stack.simulator.createAccount({ venue, balances: BALANCES, ...feeMode });
  const venueAccountId = uuidv7();
  await connectVenue({ database: stack.web, clock: systemClock, sealer: stack.sealer }, actor, {
    venueAccountId,
    venue,
    apiKey,
    secret,
    mode: "PAPER",
    label: `${venue} ${number}`,
    password: passphrase,
  });
  return { venueAccountId, venue, simAccountId: id, apiKey };
}

/** Makes the workspaces and connects their accounts the way people do; resolves when every account may trade. */
export async function createTraders(stack: Stack, venues: readonly SimVenueId[]): Promise<readonly Trader[]> {
  const traders: Trader[] = [];
  for (let number = 1; number <= WORKSPACES; number += 1) traders.push(await createTrader(stack, number, venues));
  const mayTrade = await waitUntil(async () => {
    const rows = await stack.owner.query("select from venue_accounts where status <> 'ACTIVE' or reconcile_state <> 'OK'");
    return rows.length === 0;
  }, CONNECT_TIMEOUT_MS);
  if (!mayTrade) throw new Error(`Not every account may trade after ${CONNECT_TIMEOUT_MS / 1_000} s.`);
  return traders;
}
