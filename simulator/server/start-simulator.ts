import { Decimal } from "#server/domain/decimal.ts";
import { FaultBook } from "#simulator/control/fault-book.ts";
import type { Fault } from "#simulator/control/faults.ts";
import { addDemoAccounts, createSimulatorControl, type SimulatorControl } from "#simulator/control/simulator-control.ts";
import type { SimVenueId } from "#simulator/engine/types.ts";
import { createVenueEngine, type SimVenueEngine } from "#simulator/engine/venue-engine.ts";
import type { MarketFeed } from "#simulator/feed/feed.ts";
import { createRecordedFeed } from "#simulator/feed/recorded-feed.ts";
import { SIM_VENUES, venueMarkets } from "#simulator/feed/venue-markets.ts";
import type { CreateFace } from "#simulator/protocols/face.ts";
import { FACES, FACES_WITHOUT_LIMITS } from "#simulator/protocols/registry.ts";
import { createControlServer } from "#simulator/server/control-server.ts";
import { type JournalFile, openJournal, readJournal } from "#simulator/server/journal-file.ts";
import { listen, stopListening } from "#simulator/server/listen.ts";
import { startVenueServer, type VenueServer } from "#simulator/server/venue-server.ts";

/**
 * `recorded` runs by itself, `manual` is the same feed that moves only when `control.step()` says so, `live` takes the real
 * venues' public books.
 */
export type FeedMode = "recorded" | "manual" | "live";

export interface SimulatorOptions {
  /** Control listens here, the venues on the next ports in the order of `SIM_VENUES`; 0 takes free ports. Default 4010. */
  readonly portBase?: number;
  readonly host?: string;
  readonly seed?: string;
  readonly feed?: FeedMode;
  readonly feedIntervalMs?: number;
  /** Origins that replace the real venues' for the live feed. */
  readonly liveOrigins?: Partial<Record<SimVenueId, string>>;
  readonly now?: () => number;
  readonly demoAccounts?: boolean;
  /** A file that keeps accounts, orders, fills and balances over restarts. Without it everything ends with the process. */
  readonly stateFile?: string;
  /** Whether the faces keep the venues' rate limits. Default true. */
  readonly rateLimits?: boolean;
  /** Other faces than the registered ones. */
  readonly faces?: Partial<Record<SimVenueId, CreateFace>>;
  readonly report?: (error: unknown) => void;
}

export interface RunningSimulator {
  readonly controlUrl: string;
  /** Origin per venue that has a face; WebSockets are on the same port. */
  readonly urls: Partial<Record<SimVenueId, string>>;
  readonly engines: Readonly<Record<SimVenueId, SimVenueEngine>>;
  readonly control: SimulatorControl;
  close(): Promise<void>;
}

/** Brings up the engines, the feed, the faces and the control API in this process. Throws ListenError with nothing left open. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const { portBase = 4010, host = "127.0.0.1", seed = "nija" } = options;
  const report =
    options.report ?? ((error) => process.stderr.write(`simulator: ${String(error instanceof Error ? error.stack : error)}\n`));
  const servers = new Map<SimVenueId, VenueServer>();
  const faults = new FaultBook(seed, (fault, change) => applyFault(fault, change, { engines, servers, faults, report }));
  const engines = createEngines(options, faults, report);
  const journal = options.stateFile === undefined ? undefined : restoreFrom(options.stateFile, engines);
  const feed = await createFeed(options, engines);
  const control = createSimulatorControl({ engines, feed, faults });
  if (options.demoAccounts !== false) addDemoAccounts(engines);
  const urls: Partial<Record<SimVenueId, string>> = {};
  const controlServer = createControlServer(control, () => ({ status: "ok", urls, seed, feed: options.feed ?? "recorded" }));
  const close = async (): Promise<void> => {
    await feed.stop();
    faults.clear();
    await Promise.all([...servers.values()].map((server) => server.close()));
    await stopListening(controlServer);
    journal?.close();
  };
  try {
    if (options.feed === "manual") feed.step();
    else await feed.start();
    const faces: Partial<Record<SimVenueId, CreateFace>> =
      options.faces ?? (options.rateLimits === false ? FACES_WITHOUT_LIMITS : FACES);
    for (const [index, venue] of SIM_VENUES.entries()) {
      const createFace = faces[venue];
      if (createFace === undefined) continue;
      const port = portBase === 0 ? 0 : portBase + 1 + index;
      const server = await startVenueServer({ face: createFace(engines[venue]), faults, port, host, report });
      servers.set(venue, server);
      urls[venue] = `http://${host}:${server.port}`;
    }
    const controlPort = await listen(controlServer, portBase, host, "the simulator's control API");
    return { controlUrl: `http://${host}:${controlPort}`, urls, engines, control, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function restoreFrom(path: string, engines: Readonly<Record<SimVenueId, SimVenueEngine>>): JournalFile {
  const entries = readJournal(path);
  for (const engine of Object.values(engines)) engine.restore(entries);
  const journal = openJournal(path, Object.values(engines));
  for (const engine of Object.values(engines)) engine.setJournal(journal.append);
  return journal;
}

/** BNB has no market here; binance's fee discount needs its price. */
const FEE_ASSET_PRICES: ReadonlyMap<string, Decimal> = new Map([["BNB", new Decimal(600)]]);

function createEngines(
  { seed = "nija", now }: SimulatorOptions,
  faults: FaultBook,
  report: (error: unknown) => void,
): Record<SimVenueId, SimVenueEngine> {
  const create = (venue: SimVenueId): SimVenueEngine => {
    const engine: SimVenueEngine = createVenueEngine({
      venue,
      markets: venueMarkets(venue),
      seed,
      assetPrices: FEE_ASSET_PRICES,
      report,
      faults: faults.readFaults(venue, (accountId) => engine.account(accountId)?.apiKey),
      ...(now === undefined ? {} : { now }),
    });
    return engine;
  };
  return Object.fromEntries(SIM_VENUES.map((venue) => [venue, create(venue)])) as Record<SimVenueId, SimVenueEngine>;
}

async function createFeed(options: SimulatorOptions, engines: Record<SimVenueId, SimVenueEngine>): Promise<MarketFeed> {
  const { seed = "nija", now, feedIntervalMs, liveOrigins } = options;
  const common = {
    engines: Object.values(engines),
    seed,
    ...(now === undefined ? {} : { now }),
    ...(feedIntervalMs === undefined ? {} : { intervalMs: feedIntervalMs }),
  };
  if (options.feed !== "live") return createRecordedFeed(common);
  // Loaded only here: the exchange library is large and nothing else of the simulator needs it.
  const { createLiveFeed } = await import("#simulator/feed/live-feed.ts");
  return createLiveFeed({ ...common, ...(liveOrigins === undefined ? {} : { origins: liveOrigins }) });
}

interface FaultTargets {
  readonly engines: Readonly<Record<SimVenueId, SimVenueEngine>>;
  readonly servers: ReadonlyMap<SimVenueId, VenueServer>;
  readonly faults: FaultBook;
  readonly report: (error: unknown) => void;
}

/** The faults that change something once, when they are set or cleared; all others are asked about as things happen. */
function applyFault({ spec, id }: Fault, change: "set" | "cleared", { engines, servers, faults, report }: FaultTargets): void {
  const { venue } = spec;
  if (spec.kind === "clock-skew") {
    const skewMs = faults
      .active(venue, "clock-skew")
      .reduce((sum, fault) => sum + (fault.spec.kind === "clock-skew" ? fault.spec.ms : 0), 0);
    engines[venue].setClockSkew(skewMs);
  } else if (spec.kind === "outage" && spec.apiKey === undefined) {
    const out = faults.active(venue, "outage").some((fault) => fault.spec.apiKey === undefined);
    servers.get(venue)?.setOutage(out).catch(report);
  } else if (spec.kind === "close-sockets" && change === "set") {
    faults.countHits(id, servers.get(venue)?.closeSockets(spec.path) ?? 0);
  } else if (spec.kind === "forget-order" && spec.orderId !== undefined && change === "set") {
    faults.countHits(id, engines[venue].forgetOrder(spec.orderId, spec.ms) ? 1 : 0);
  }
}
