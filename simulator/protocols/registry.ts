import type { VenueId } from "#server/domain/venue.ts";
import { createAlpacaFace } from "#simulator/protocols/alpaca/face.ts";
import { createBinanceFace } from "#simulator/protocols/binance/face.ts";
import { createBybitFace } from "#simulator/protocols/bybit/face.ts";
import { createCoinbaseFace } from "#simulator/protocols/coinbase/face.ts";
import type { CreateFace } from "#simulator/protocols/face.ts";
import { createGateFace } from "#simulator/protocols/gate/face.ts";
import { NO_LIMITS as NO_GATE_LIMITS } from "#simulator/protocols/gate/rate-limits.ts";
import { NO_LIMITS } from "#simulator/protocols/kraken/call-limits.ts";
import { createKrakenFace } from "#simulator/protocols/kraken/face.ts";
import { createOkxFace } from "#simulator/protocols/okx/face.ts";
import { NO_LIMITS as NO_OKX_LIMITS } from "#simulator/protocols/okx/rate-limits.ts";
import { createKucoinFace } from "#simulator/protocols/kucoin/face.ts";

/** The protocol face of each paper venue. */
export const FACES: Readonly<Record<VenueId, CreateFace>> = {
  binance: createBinanceFace,
  coinbase: createCoinbaseFace,
  kraken: createKrakenFace,
  okx: createOkxFace,
  kucoin: createKucoinFace,
  gate: createGateFace,
  bybit: createBybitFace,
  alpaca: createAlpacaFace,
};

const NEVER_REACHED = 1_000_000_000;

/** The same faces with rate limits that nobody reaches: for benchmarks and tests that are not about limits. */
export const FACES_WITHOUT_LIMITS: Readonly<Record<VenueId, CreateFace>> = {
  binance: (engine) =>
    createBinanceFace(engine, {
      weightPerMinute: NEVER_REACHED,
      sapiWeightPerMinute: NEVER_REACHED,
      ordersPerTenSeconds: NEVER_REACHED,
      ordersPerDay: NEVER_REACHED,
    }),
  coinbase: (engine) => createCoinbaseFace(engine, { publicPerSecond: NEVER_REACHED, privatePerSecond: NEVER_REACHED }),
  kraken: (engine) => createKrakenFace(engine, NO_LIMITS),
  okx: (engine) => createOkxFace(engine, NO_OKX_LIMITS),
  kucoin: (engine) => createKucoinFace(engine, { public: NEVER_REACHED, spot: NEVER_REACHED, management: NEVER_REACHED }),
  gate: (engine) => createGateFace(engine, NO_GATE_LIMITS),
  bybit: (engine) => createBybitFace(engine, { addressPerFiveSeconds: NEVER_REACHED, accountPerSecond: NEVER_REACHED }),
  alpaca: (engine) => createAlpacaFace(engine, { tradingPerMinute: NEVER_REACHED, dataPerMinute: NEVER_REACHED }),
};
