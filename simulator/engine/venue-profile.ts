import type { SimFeeMode, SimVenueId } from "#simulator/engine/types.ts";

/** What differs between the venues in the engine itself (the wire formats differ in the protocol faces). */
export interface VenueProfile {
  /**
   * `refuse-open`: a client id that is still open is refused, a finished one may be used again (binance, kraken).
   * `refuse-known`: a client id is refused whatever became of its order (alpaca; bybit keeps them for 360 days).
   * `return-earlier`: the earlier order is the answer, whatever its state (coinbase).
   * `accept`: client ids are not compared; another order is placed, and from then on the id names that one (gate).
   */
  readonly duplicateClientId: "refuse-open" | "refuse-known" | "return-earlier" | "accept";
  /** A post-only order that would take: refused (the usual), or accepted and expired at once without a fill (bybit, okx). */
  readonly crossingPostOnly?: "refuse" | "expire";
  /** The fee mode an account gets unless it asks for another. */
  readonly feeMode: SimFeeMode;
  /** Whether a cost-based market buy spends at most `cost` with the fee in it (coinbase) or on top of it. */
  readonly costIncludesFee: boolean;
  /** Share of the fee that is charged when a third asset pays it (binance: 0.75). */
  readonly thirdAssetFeeShare: string;
}

export const VENUE_PROFILES: Readonly<Record<SimVenueId, VenueProfile>> = {
  binance: { duplicateClientId: "refuse-open", feeMode: "received", costIncludesFee: false, thirdAssetFeeShare: "0.75" },
  coinbase: { duplicateClientId: "return-earlier", feeMode: "quote", costIncludesFee: true, thirdAssetFeeShare: "1" },
  kraken: { duplicateClientId: "refuse-open", feeMode: "quote", costIncludesFee: false, thirdAssetFeeShare: "1" },
  okx: {
    duplicateClientId: "refuse-open",
    crossingPostOnly: "expire",
    feeMode: "received",
    costIncludesFee: false,
    thirdAssetFeeShare: "1",
  },
  bybit: {
    duplicateClientId: "refuse-known",
    crossingPostOnly: "expire",
    feeMode: "received",
    costIncludesFee: false,
    thirdAssetFeeShare: "1",
  },
  kucoin: {
    duplicateClientId: "refuse-open",
    crossingPostOnly: "expire",
    feeMode: "quote",
    costIncludesFee: false,
    thirdAssetFeeShare: "1",
  },
  gate: { duplicateClientId: "accept", feeMode: "received", costIncludesFee: false, thirdAssetFeeShare: "1" },
  alpaca: { duplicateClientId: "refuse-known", feeMode: "received", costIncludesFee: false, thirdAssetFeeShare: "1" },
};
