import { Decimal } from "#server/domain/decimal.ts";
import type { VenueId } from "#server/domain/venue.ts";
import { CcxtAccountExecutor } from "#server/execution/executors/ccxt/account.ts";
import type { ConnectionSettings } from "#server/execution/executors/ccxt/connection.ts";
import { closeConnection, HintStream } from "#server/execution/executors/ccxt/hint-stream.ts";
import { CcxtPublicClient } from "#server/execution/executors/ccxt/public-client.ts";
import { createScrub } from "#server/execution/executors/ccxt/scrub.ts";
import { SharedLimits, type VenueBudgets } from "#server/execution/executors/ccxt/shared-limits.ts";
import { openVenueHub, type VenueHub } from "#server/execution/executors/ccxt/venue-hub.ts";
import { connect, DRIVERS } from "#server/execution/executors/ccxt/venue-registry.ts";
import type {
  ExecutorFactory,
  OpenedCredential,
  VenueAccountExecutor,
  VenueEndpoints,
  VenuePublicClient,
} from "#server/execution/executors/executor.ts";

type Mode = "PAPER" | "LIVE";

export interface CcxtExecutorOptions {
  readonly endpoints: VenueEndpoints;
  /** For one call, from its own sending to the last byte of the answer. Default 10,000. */
  readonly timeoutMs?: number;
  /** Sockets are pinged this often; two pings without an answer end them. Default 2500, so silence is noticed in under 8 s. */
  readonly streamPingMs?: number;
  /** A streamed book silent for this long is polled. Default 1500. */
  readonly bookSilentMs?: number;
  /** Other rate budgets than the venues' published ones, e.g. for paper venues that count differently. */
  readonly budgets?: Readonly<Partial<Record<VenueId, VenueBudgets>>>;
}

/**
 * The executors of the venues that the client library serves. Make one per process: rate budgets, markets, clocks and
 * nonces are shared by everything one factory makes. Throws in PAPER mode for a venue without an
 * address; one that cannot be reached is no error here, its calls say so.
 */
export function createCcxtExecutorFactory(options: CcxtExecutorOptions): ExecutorFactory {
  const limits = new SharedLimits();
  const hubs = new Map<string, Promise<VenueHub>>();

  const settingsFor = (venue: VenueId, mode: Mode, credential: OpenedCredential | null): ConnectionSettings => {
    const { traits } = DRIVERS[venue];
    const shared = limits.venue(venue, mode, options.budgets?.[venue] ?? traits.budgets);
    return {
      traits,
      limits: shared,
      key: credential === null ? null : shared.key(credential.apiKey),
      credential,
      origin: originFor(options.endpoints, venue, mode),
      timeoutMs: options.timeoutMs ?? 10_000,
      streamPingMs: options.streamPingMs ?? 2_500,
    };
  };

  const hubFor = (venue: VenueId, mode: Mode): Promise<VenueHub> => {
    const name = `${mode}:${venue}`;
    let hub = hubs.get(name);
    if (hub === undefined) {
      hub = openVenueHub(venue, settingsFor(venue, mode, null), options.bookSilentMs ?? 1_500);
      hubs.set(name, hub);
    }
    return hub;
  };

  return {
    async account(venue, mode, credential): Promise<VenueAccountExecutor> {
      const opened = tidyCredential(credential);
      return openAccount(venue, await hubFor(venue, mode), settingsFor(venue, mode, opened), opened);
    },
    async public(venue, mode): Promise<VenuePublicClient> {
      return new CcxtPublicClient(await hubFor(venue, mode));
    },
  };
}

/** INVARIANT: only PAPER is ever redirected, and PAPER never reaches a real venue. */
function originFor(endpoints: VenueEndpoints, venue: VenueId, mode: Mode) {
  if (mode === "LIVE") return null;
  const origin = endpoints.origins[venue];
  if (origin === undefined) throw new Error(`no paper venue is configured for ${venue}`);
  return origin;
}

/** Key files are often pasted with their line breaks written out. */
function tidyCredential(credential: OpenedCredential): OpenedCredential {
  const secret = credential.secret.startsWith("-----BEGIN") ? credential.secret.replaceAll("\\n", "\n") : credential.secret;
  return { ...credential, apiKey: credential.apiKey.trim(), secret: secret.trim() };
}

async function openAccount(
  venue: VenueId,
  hub: VenueHub,
  settings: ConnectionSettings & { readonly key: ConnectionSettings["key"] },
  credential: OpenedCredential,
): Promise<VenueAccountExecutor> {
  if (settings.key === null) throw new Error("an account needs a key");
  const { markets, clock, traits } = hub;
  const {
    exchange,
    publicWire,
    privateWire,
    bulkWire = {},
    movements,
    keepStreamOpen,
  } = await connect(venue, settings, clock.offset);
  const takeBack = hub.lent?.lend(publicWire) ?? (() => undefined);
  const scrub = createScrub([credential.apiKey, credential.secret, credential.password ?? ""]);
  let adopted: unknown = null;
  const adoptMarkets = () => {
    const table = markets.known();
    if (adopted === table) return;
    markets.lendTo(exchange);
    adopted = table;
  };
  const prepare = async () => {
    // A key that may not ask leaves the others with what is known without one.
    if (hub.lent?.isProvisional === true) await markets.reload().catch(() => undefined);
    await markets.table();
    adoptMarkets();
  };
  // A venue that is down now may be up when the first order comes: that call tries again and reports.
  await Promise.allSettled([prepare(), clock.isOld ? clock.measure() : Promise.resolve()]);
  const { maker, taker } = libraryFees(exchange.fees);
  return new CcxtAccountExecutor({
    wire: privateWire(markets),
    bulk: bulkWire,
    traits,
    movements,
    markets,
    adoptMarkets,
    clock,
    key: settings.key,
    scrub,
    stream: new HintStream(
      exchange,
      async () => {
        await prepare();
        keepStreamOpen();
      },
      scrub,
    ),
    defaultFees: { maker, taker },
    close: () => {
      takeBack();
      return closeConnection(exchange);
    },
  });
}

function libraryFees(fees: { trading?: { maker?: unknown; taker?: unknown } }) {
  const rate = (value: unknown) => new Decimal(typeof value === "number" || typeof value === "string" ? value : "0.01");
  return { maker: rate(fees.trading?.maker), taker: rate(fees.trading?.taker) };
}
