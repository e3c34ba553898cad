import type { SimVenueId } from "#simulator/engine/types.ts";
import { createBinanceFace } from "#simulator/protocols/binance/face.ts";
import { createCoinbaseFace } from "#simulator/protocols/coinbase/face.ts";
import type { CreateFace } from "#simulator/protocols/face.ts";
import { createKrakenFace } from "#simulator/protocols/kraken/face.ts";

/** The protocol face of each paper venue. */
export const FACES: Readonly<Record<SimVenueId, CreateFace>> = {
  binance: createBinanceFace,
  coinbase: createCoinbaseFace,
  kraken: createKrakenFace,
};
