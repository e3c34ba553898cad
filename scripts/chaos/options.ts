import { parseArgs } from "node:util";
import { VENUE_IDS } from "#server/domain/venue.ts";
import type { SimVenueId } from "#simulator/engine/types.ts";

export interface ChaosOptions {
  /** Accepted intents to place. */
  readonly orders: number;
  /** Processes to kill while they are placed. */
  readonly kills: number;
  readonly venues: readonly SimVenueId[];
  readonly seed: number;
}

/** The arguments are wrong; the message is one sentence for the person at the terminal. */
export class ChaosUsageError extends Error {
  override readonly name = "ChaosUsageError";
}

const VENUES: readonly SimVenueId[] = VENUE_IDS;
const ORDERS_MAX = 100_000;
const OPTIONS = {
  orders: { type: "string", default: "500" },
  kills: { type: "string", default: "20" },
  venues: { type: "string", default: "all" },
  seed: { type: "string", default: "1" },
} as const;

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new ChaosUsageError(`--${name} must be a whole number from ${least} to ${most}, not "${text}".`);
}

function readVenues(text: string): readonly SimVenueId[] {
  if (text === "all") return VENUES;
  const names = text.split(",");
  const unknown = names.find((name) => !VENUES.some((venue) => venue === name));
  if (unknown !== undefined) {
    throw new ChaosUsageError(`--venues must be "all" or some of ${VENUES.join(",")}, and "${unknown}" is none of them.`);
  }
  return VENUES.filter((venue) => names.includes(venue));
}

/** Throws `ChaosUsageError`. */
export function readChaosOptions(args: readonly string[]): ChaosOptions {
  const known = Object.keys(OPTIONS).map((name) => `--${name}`);
  const stranger = args.find((arg) => arg.startsWith("-") && !known.includes(arg.split("=")[0] ?? ""));
  if (stranger !== undefined) throw new ChaosUsageError(`There is no option ${stranger}: the options are ${known.join(", ")}.`);
  let values: { readonly [name in keyof typeof OPTIONS]: string };
  try {
    ({ values } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false }));
  } catch {
    throw new ChaosUsageError(`Each of ${known.join(", ")} takes one value, such as --orders 500, and nothing else is taken.`);
  }
  const orders = wholeNumber("orders", values.orders, 1, ORDERS_MAX);
  return {
    orders,
    kills: wholeNumber("kills", values.kills, 0, orders),
    venues: readVenues(values.venues),
    seed: wholeNumber("seed", values.seed, 0, Number.MAX_SAFE_INTEGER),
  };
}
