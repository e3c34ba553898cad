/** `ACTIVE`: everything. `REDUCING`: exits and cancels only. `HALTED`: cancels only. */
export const TRADING_STATES = ["ACTIVE", "REDUCING", "HALTED"] as const;
export type TradingState = (typeof TRADING_STATES)[number];

/** The states that apply to one order. `venue` is null while the order is not routed. */
export interface TradingStates {
  readonly platform: TradingState;
  readonly workspace: TradingState;
  readonly venue: TradingState | null;
}

/** The strictest of the states that apply, and whose it is. */
export function strictestTradingState(states: TradingStates): { state: TradingState; scope: keyof TradingStates } {
  let strictest: { state: TradingState; scope: keyof TradingStates } = { state: states.platform, scope: "platform" };
  for (const scope of ["venue", "workspace"] as const) {
    const state = states[scope];
    if (state !== null && TRADING_STATES.indexOf(state) > TRADING_STATES.indexOf(strictest.state)) strictest = { state, scope };
  }
  return strictest;
}
