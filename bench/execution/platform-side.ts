import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { v7 as uuidv7 } from "uuid";
import { systemClock } from "#server/clock.ts";
import { VENUE_IDS } from "#server/domain/venue.ts";
import { createDatabase } from "#server/data/database.ts";
import { placeIntent } from "#server/services/place-intent.ts";
import { ensureVaultKeys } from "#server/vault/keys/file.ts";
import { createFileSealingKeys } from "#server/vault/keys/sealing-keys.ts";
import { createSealer } from "#server/vault/seal.ts";
import { cloneTemplate } from "#tests/support/clone-template.ts";
import { openOwner, type OwnerQuery } from "#tests/support/fixtures.ts";
import { startTestServer } from "#tests/support/postgres-server.ts";
import { type SimulatorProcess, startWorkerProcess } from "./child-processes.ts";
import { epochMs } from "./load.ts";
import type { PlannedOrder } from "./order-mix.ts";
import { readProcessorTimes, type ProcessorTimes } from "./processor-time.ts";
import { judgeIntents, type Verdicts } from "./verdicts.ts";
import { createTraders, type Trader } from "./traders.ts";

/** One intent that the platform accepted. Times in ms since the epoch. */
export interface AcceptedIntent {
  readonly kind: "accepted";
  readonly intentId: string;
  readonly plannedMs: number;
  readonly answeredMs: number;
}

/** `failed`: an error instead of an answer; `denied`: an answer. */
export type Placed = AcceptedIntent | { readonly kind: "denied" | "failed" };

export interface PlatformSide {
  readonly workspaces: number;
  readonly postgresVersion: string;
  readonly query: OwnerQuery;
  /** Places an intent of the next workspace through the web's role. */
  place(order: PlannedOrder, plannedMs: number): Promise<Placed>;
  /** The same in the name of one trader, by its number. */
  placeFor(trader: number, order: PlannedOrder, plannedMs: number): Promise<Placed>;
  readonly traders: readonly Trader[];
  /** What became of every intent so far. */
  judge(): Promise<Verdicts>;
  /** Denial codes and names of errors, with how often they came. */
  readonly refusals: ReadonlyMap<string, number>;
  countOpen(): Promise<number>;
  /** What every process has used so far. */
  processorTimes(): Promise<ProcessorTimes>;
  /** Resolves when no order is open, or after `timeoutMs`. */
  drain(timeoutMs: number): Promise<void>;
  stop(): Promise<void>;
}

const WEB_CONNECTIONS = 10;
const BOOKS_TIMEOUT_MS = 30_000;

/** PostgreSQL with fsync, one worker in its own process, and `workspaces` traders whose web this process plays. */
export async function openPlatformSide(
  simulator: SimulatorProcess,
  workspaces: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<PlatformSide> {
  // Commit times are how one clock tells when an intent was accepted and a fill booked; they cost a few bytes per transaction.
  const server = await startTestServer({
    durable: true,
    settings: { track_commit_timestamp: "on", ...settings },
  });
  const folder = await mkdtemp(join(tmpdir(), "nija-bench-vault-"));
  const copy = await cloneTemplate(server);
  const owner = await openOwner(copy.ownerUrl);
  const web = createDatabase({ url: copy.webUrl, applicationName: "bench-web", connectionsMax: WEB_CONNECTIONS });
  const keys = { privateKeyFile: join(folder, "private.json"), publicKeyFile: join(folder, "public.json") };
  await ensureVaultKeys(keys);
  const sealer = createSealer(createFileSealingKeys(keys.publicKeyFile));
  const traders = await createTraders({ query: owner.query, simulator, sealer }, workspaces);
  await owner.query("analyze");
  const worker = await startWorkerProcess({
    databaseUrl: copy.workerUrl,
    privateKeyFile: keys.privateKeyFile,
    origins: simulator.origins,
  });
  await waitForBooks(owner.query);

  const refusals = new Map<string, number>();
  let next = 0;
  const placeFor: PlatformSide["placeFor"] = async (at, { symbol, quantity }, plannedMs) => {
    const trader = traders[at];
    if (trader === undefined) throw new Error(`no trader ${at}`);
    const { actor, side } = trader;
    const terms = { type: "MARKET", timeInForce: "IOC", postOnly: false, limitPrice: null, isExit: false } as const;
    const asked = {
      workspaceId: actor.workspaceId,
      intentId: uuidv7(),
      symbol,
      side,
      quantity,
      venueAccountId: null,
      ...terms,
    };
    const result = await placeIntent({ database: web, clock: systemClock }, actor, asked).catch((error: unknown) => error);
    const answeredMs = epochMs();
    const isAnswer = typeof result === "object" && result !== null && "orderId" in result && "denialCode" in result;
    if (isAnswer && typeof result.orderId === "string")
      return { kind: "accepted", intentId: asked.intentId, plannedMs, answeredMs };
    // An overloaded machine answers with errors, which is a figure and no reason to stop.
    const reason = isAnswer ? String(result.denialCode) : result instanceof Error ? result.name : "no answer";
    refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
    return { kind: isAnswer ? "denied" : "failed" };
  };
  const countOpen = async (): Promise<number> => {
    const [row] = await owner.query(
      "select count(*)::int as open from orders where state in ('PENDING_NEW', 'SUBMITTING', 'NEW', 'PARTIALLY_FILLED', 'PENDING_REPLACE', 'PENDING_CANCEL', 'UNKNOWN')",
    );
    return Number(row?.["open"]);
  };
  return {
    workspaces,
    postgresVersion: server.postgres.version,
    query: owner.query,
    refusals,
    countOpen,
    processorTimes: () =>
      readProcessorTimes({
        query: owner.query,
        postgresPid: server.postgres.pid,
        workerPid: worker.pid,
        simulatorPid: simulator.pid,
      }),
    traders,
    placeFor,
    async place(order, plannedMs) {
      const at = next % traders.length;
      next += 1;
      return placeFor(at, order, plannedMs);
    },
    judge: () => judgeIntents(owner.query, simulator, new Set(traders.flatMap((trader) => trader.simAccounts))),
    async drain(timeoutMs) {
      for (const untilMs = epochMs() + timeoutMs; epochMs() < untilMs; await sleep(20)) if ((await countOpen()) === 0) return;
    },
    async stop() {
      await worker.stop();
      await web.close();
      await owner.end();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function waitForBooks(query: OwnerQuery): Promise<void> {
  for (const untilMs = epochMs() + BOOKS_TIMEOUT_MS; epochMs() < untilMs; await sleep(50)) {
    const [row] = await query(
      `select count(distinct m.venue)::int as venues, count(*)::int as markets, count(b.at)::int as books
       from markets m left join market_books b on b.mode = m.mode and b.venue = m.venue and b.symbol = m.symbol and b.at > now() - interval '2 seconds'
       where m.symbol in ('BTC/USDT', 'ETH/USDT')`,
    );
    if (row?.["venues"] === VENUE_IDS.length && row["books"] === row["markets"]) return;
  }
  throw new Error("the worker keeps no books");
}
