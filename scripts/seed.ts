import { dirname, join } from "node:path";
import pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { DEMO_EMAIL, DEMO_NAME } from "#scripts/start/demo.ts";
import { systemClock } from "#server/clock.ts";
import { createDatabase, type Database } from "#server/data/database.ts";
import type { Actor } from "#server/domain/actor.ts";
import { VENUE_IDS } from "#server/domain/venue.ts";
import { asUserId, asWorkspaceId } from "#server/domain/ids.ts";
import { connectVenue } from "#server/services/connect-venue.ts";
import { signUp } from "#server/services/sign-up.ts";
import { createFileSealingKeys } from "#server/vault/keys/sealing-keys.ts";
import { createSealer } from "#server/vault/seal.ts";
import { publicCredentials } from "#simulator/control/credentials.ts";

export interface SeedInput {
  /** The owner's URL: the contract's limits are nobody's to set in the product. */
  readonly ownerUrl: string;
  readonly webUrl: string;
  readonly vaultPublicKeyFile: string;
  readonly password: string;
}

export interface DemoIds {
  readonly userId: string;
  readonly workspaceId: string;
}

/** The contract of the demo's ENTERPRISE workspace. */
const CONTRACT = { positionUsdMax: "250000", dailyLossUsdMax: "50000", openPositionsMax: 50, slippageBpsMax: 50 } as const;
const FACTS = { requestId: "demo-seed", address: "127.0.0.1", userAgent: "seed" } as const;

/**
 * Creates the demo: a user, an ENTERPRISE workspace and a paper account at each paper venue, by the same services that people use.
 * What is there already stays as it is, so it may run at every start. Refused when NODE_ENV is production and the database is not
 * on this machine.
 */
export async function seedDemo(input: SeedInput): Promise<DemoIds> {
  refuseRealDatabase(input.ownerUrl);
  const database = createDatabase({ url: input.webUrl, applicationName: "nija-seed", connectionsMax: 2 });
  const owner = new pg.Client({ connectionString: input.ownerUrl });
  try {
    await owner.connect();
    const ids = (await findDemo(owner)) ?? (await createDemoUser(database, input.password));
    await applyContract(owner, ids.workspaceId);
    await connectPaperVenues(database, owner, ids, input.vaultPublicKeyFile);
    return ids;
  } finally {
    await owner.end();
    await database.close();
  }
}

// INVARIANT: a sign-in whose password is printed on a terminal never exists where real accounts are.
function refuseRealDatabase(ownerUrl: string): void {
  const { hostname } = new URL(ownerUrl);
  const isLocal = hostname === "127.0.0.1" || hostname === "localhost" || hostname === "[::1]";
  if (process.env["NODE_ENV"] === "production" && !isLocal) throw new Error("The demo is not created in a production database.");
}

async function findDemo(owner: pg.Client): Promise<DemoIds | null> {
  const { rows } = await owner.query<DemoIds>(
    `select u.id as "userId", m.workspace_id as "workspaceId" from users u join members m on m.user_id = u.id
     where u.email = $1 and m.role = 'OWNER' order by m.created_at limit 1`,
    [DEMO_EMAIL],
  );
  return rows[0] ?? null;
}

function createDemoUser(database: Database, password: string): Promise<DemoIds> {
  return signUp({ database, clock: systemClock }, FACTS, { email: DEMO_EMAIL, name: DEMO_NAME, password });
}

async function applyContract(owner: pg.Client, workspaceId: string): Promise<void> {
  await owner.query("update workspaces set tier = 'ENTERPRISE' where id = $1 and tier <> 'ENTERPRISE'", [workspaceId]);
  // Only where nothing is set: limits that somebody changed in the demo stay changed.
  await owner.query(
    `update workspace_risk set position_usd_max = $2, daily_loss_usd_max = $3, open_positions_max = $4, slippage_bps_max = $5
     where workspace_id = $1 and position_usd_max is null`,
    [workspaceId, CONTRACT.positionUsdMax, CONTRACT.dailyLossUsdMax, CONTRACT.openPositionsMax, CONTRACT.slippageBpsMax],
  );
}

async function connectPaperVenues(database: Database, owner: pg.Client, ids: DemoIds, publicKeyFile: string): Promise<void> {
  // Disconnected ones count too: whoever removed one from the demo does not find it again after a restart.
  const { rows } = await owner.query<{ venue: string }>("select distinct venue from venue_accounts where workspace_id = $1", [
    ids.workspaceId,
  ]);
  const known = new Set(rows.map((row) => row.venue));
  const sealer = createSealer(createFileSealingKeys(publicKeyFile));
  const actor: Actor = { userId: asUserId(ids.userId), workspaceId: asWorkspaceId(ids.workspaceId), role: "OWNER", ...FACTS };
  for (const venue of VENUE_IDS.filter((name) => !known.has(name))) {
    const { apiKey, secret, passphrase = null } = publicCredentials(venue, "demo");
    const request = {
      venueAccountId: uuidv7(),
      venue,
      mode: "PAPER",
      label: "Demo",
      apiKey,
      secret,
      password: passphrase,
    } as const;
    await connectVenue({ database, clock: systemClock, sealer }, actor, request);
  }
}

if (import.meta.main) {
  const folder = process.env["NIJA_DATA_DIR"] || join(dirname(import.meta.dirname), ".data");
  const { DATABASE_URL: ownerUrl, WEB_DATABASE_URL: webUrl, NIJA_DEMO_PASSWORD: password } = process.env;
  if (!ownerUrl || !webUrl || !password) {
    process.stderr.write("npm start seeds by itself; by hand it needs DATABASE_URL, WEB_DATABASE_URL and NIJA_DEMO_PASSWORD.\n");
    process.exit(1);
  }
  await seedDemo({ ownerUrl, webUrl, password, vaultPublicKeyFile: join(folder, "vault", "public-key.json") });
  process.stdout.write(`The demo is there: sign in as ${DEMO_EMAIL}.\n`);
  process.exit(0);
}
