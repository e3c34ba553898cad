import { assert } from "#server/domain/assert.ts";
import { Decimal } from "#server/domain/decimal.ts";

export const TIERS = ["BASIC", "PRO", "ENTERPRISE"] as const;
export type Tier = (typeof TIERS)[number];

/** The limits of one ring (platform, tier, workspace or user). A missing limit means that this ring sets none. */
export interface LimitSet {
  readonly maxPositionUsd?: Decimal;
  readonly maxOrderUsd?: Decimal;
  readonly maxDailyLossUsd?: Decimal;
  readonly maxVenues?: number;
  readonly maxOpenPositions?: number;
  readonly maxOrdersInFlight?: number;
}

/** What only a contract sets for ENTERPRISE. */
export type ContractLimits = Required<Pick<LimitSet, "maxPositionUsd" | "maxDailyLossUsd">> & Pick<LimitSet, "maxOpenPositions">;

export interface TierTerms {
  readonly priceUsdPerMonth: number;
  readonly apiRequestsPerMinute: number;
  readonly limits: LimitSet;
  /** These limits come from the contract; without one the workspace opens nothing. */
  readonly needsContract: boolean;
}

/** The only table of what a plan includes. */
export const TIER_TERMS: Record<Tier, TierTerms> = {
  BASIC: {
    priceUsdPerMonth: 29,
    apiRequestsPerMinute: 60,
    needsContract: false,
    limits: {
      maxPositionUsd: new Decimal(50),
      maxDailyLossUsd: new Decimal(25),
      maxVenues: 2,
      maxOpenPositions: 3,
      maxOrdersInFlight: 10,
    },
  },
  PRO: {
    priceUsdPerMonth: 99,
    apiRequestsPerMinute: 300,
    needsContract: false,
    limits: {
      maxPositionUsd: new Decimal(200),
      maxDailyLossUsd: new Decimal(100),
      maxVenues: 5,
      maxOpenPositions: 10,
      maxOrdersInFlight: 50,
    },
  },
  ENTERPRISE: {
    priceUsdPerMonth: 299,
    apiRequestsPerMinute: 1_000,
    needsContract: true,
    limits: { maxOrdersInFlight: 200 },
  },
};

/** Open positions of an ENTERPRISE contract that names no number of its own. */
const CONTRACT_OPEN_POSITIONS = 50;

export type LimitSource = "platform" | "tier" | "contract" | "workspace" | "user";

/** A limit in force and who sets it; null where nobody does. */
export interface EffectiveLimit<T> {
  readonly value: T;
  readonly source: LimitSource;
}

export interface EffectiveLimits {
  readonly maxPositionUsd: EffectiveLimit<Decimal> | null;
  readonly maxOrderUsd: EffectiveLimit<Decimal> | null;
  readonly maxDailyLossUsd: EffectiveLimit<Decimal> | null;
  readonly maxVenues: EffectiveLimit<number> | null;
  readonly maxOpenPositions: EffectiveLimit<number> | null;
  readonly maxOrdersInFlight: EffectiveLimit<number> | null;
  /** The tier needs a contract and none is set: no entries. */
  readonly contractMissing: boolean;
}

export interface LimitRings {
  readonly tier: Tier;
  readonly contract?: ContractLimits | null;
  readonly platform?: LimitSet;
  readonly workspace?: LimitSet;
  readonly user?: LimitSet;
}

type NumberLimit = "maxVenues" | "maxOpenPositions" | "maxOrdersInFlight";
type MoneyLimit = "maxPositionUsd" | "maxOrderUsd" | "maxDailyLossUsd";
type Ring = readonly [LimitSource, LimitSet | undefined];

function smallestNumber(rings: readonly Ring[], name: NumberLimit): EffectiveLimit<number> | null {
  let smallest: EffectiveLimit<number> | null = null;
  for (const [source, set] of rings) {
    const value = set?.[name];
    if (value === undefined) continue;
    assert(Number.isInteger(value) && value >= 0, `${name} of ${source} is not a count`);
    if (smallest === null || value < smallest.value) smallest = { value, source };
  }
  return smallest;
}

function smallestMoney(rings: readonly Ring[], name: MoneyLimit): EffectiveLimit<Decimal> | null {
  let smallest: EffectiveLimit<Decimal> | null = null;
  for (const [source, set] of rings) {
    const value = set?.[name];
    if (value === undefined) continue;
    assert(value.isFinite() && value.gte(0), `${name} of ${source} is not an amount`);
    if (smallest === null || value.lt(smallest.value)) smallest = { value, source };
  }
  return smallest;
}

/** The smallest of platform, tier (or its contract), workspace and user, limit by limit; the outer ring is named on a tie. */
export function effectiveLimits(rings: LimitRings): EffectiveLimits {
  const terms = TIER_TERMS[rings.tier];
  const contract = terms.needsContract ? (rings.contract ?? undefined) : undefined;
  const order: Ring[] = [
    ["platform", rings.platform],
    ["tier", terms.limits],
    ["contract", contract === undefined ? undefined : { maxOpenPositions: CONTRACT_OPEN_POSITIONS, ...contract }],
    ["workspace", rings.workspace],
    ["user", rings.user],
  ];
  return {
    maxPositionUsd: smallestMoney(order, "maxPositionUsd"),
    maxOrderUsd: smallestMoney(order, "maxOrderUsd"),
    maxDailyLossUsd: smallestMoney(order, "maxDailyLossUsd"),
    maxVenues: smallestNumber(order, "maxVenues"),
    maxOpenPositions: smallestNumber(order, "maxOpenPositions"),
    maxOrdersInFlight: smallestNumber(order, "maxOrdersInFlight"),
    contractMissing: terms.needsContract && contract === undefined,
  };
}
