/** `ACTIVE`: everything. `REDUCING`: exits and cancels only. `HALTED`: cancels only. */
export const TRADING_STATES = ["ACTIVE", "REDUCING", "HALTED"] as const;
export type TradingState = (typeof TRADING_STATES)[number];

/** The states that apply to one order. `venue` is null while the order is not routed. */
export interface TradingStates {
  readonly platform: TradingState;
  readonly workspace: TradingState;
  readonly venue: TradingState | null;
}

/** True when `to` allows something that `from` does not: that needs a reason, and nobody may do it by mistake. */
export function isLoosening(from: TradingState, to: TradingState): boolean {
  return TRADING_STATES.indexOf(to) < TRADING_STATES.indexOf(from);
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

/** A state and the change that brought it about; null: it was never changed. */
export interface Switch {
  readonly state: TradingState;
  readonly changeId: string | null;
}

/** Every switch that a routed order stands behind, the widest scope first. */
export interface SwitchSet {
  readonly platform: Switch;
  readonly venue: Switch;
  readonly workspace: Switch;
}

const SCOPES = ["platform", "venue", "workspace"] as const;

/**
 * The states that a kill switch's own exit has to obey. It passes the halt that this very switch set, as long as that is still in force, and
 * those of narrower scopes: who closes a whole venue also closes what an owner has halted. It never passes a wider one, because
 * whoever halted the platform wants nothing to be sent. Every other order, and an exit of a switch that was changed since, passes none.
 */
export function statesToObey(switches: SwitchSet, killSwitchId: string | null): TradingStates {
  const own = killSwitchId === null ? -1 : SCOPES.findIndex((scope) => switches[scope].changeId === killSwitchId);
  const stateOf = (scope: (typeof SCOPES)[number]): TradingState => {
    const { state } = switches[scope];
    return own >= 0 && SCOPES.indexOf(scope) >= own && state === "HALTED" ? "REDUCING" : state;
  };
  return { platform: stateOf("platform"), venue: stateOf("venue"), workspace: stateOf("workspace") };
}
