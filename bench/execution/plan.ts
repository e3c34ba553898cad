/** How the two sides are loaded. */
export const PLAN = {
  /** Orders a second while latency is measured, on either side. */
  ratePerSecond: 200,
  workspaces: 1_000,
  /** The sides take turns of this length, so that the machine's noise meets both. */
  sliceSeconds: 2.5,
  /** Of the closed loops. */
  fullSeconds: 4,
  /** Orders that the platform is kept busy with, and callers of the client library, when both go as fast as they can. */
  fullInFlight: 64,
  rawCallers: 32,
} as const;
