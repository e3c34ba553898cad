import type { SimAccount, SimVenueId } from "#simulator/engine/types.ts";
import type { SimulatorProcess } from "./child-processes.ts";

/** Enough of everything that no order is refused for want of it. */
export const BALANCES: Readonly<Record<string, string>> = { USDT: "10000000", BTC: "1000", ETH: "10000" };

/** A funded account at a paper venue. */
export async function createSimAccount(simulator: SimulatorProcess, venue: SimVenueId): Promise<SimAccount> {
  return (await simulator.control("/accounts", { venue, balances: BALANCES })) as SimAccount;
}
