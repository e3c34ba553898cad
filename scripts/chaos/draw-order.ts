import type { PlaceIntentInput } from "#lib/contracts/trade.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { ceilToStep, floorToStep } from "#server/domain/money/rounding.ts";
import type { SeededRandom } from "#simulator/engine/seeded-random.ts";
import type { ChaosMarket } from "./markets.ts";
import type { Top } from "./simulator-client.ts";
import type { ChaosAccount, Trader } from "./traders.ts";

export type OrderKind = "market" | "rest" | "post-only" | "ioc" | "fok" | "exit";

/** What is decided by the dice alone, before any price is known. */
export interface DrawnOrder {
  readonly trader: Trader;
  readonly account: ChaosAccount;
  readonly market: ChaosMarket;
  readonly kind: OrderKind;
  readonly side: "BUY" | "SELL";
  readonly isRouted: boolean;
  readonly notionalUsd: number;
  /** How far from the best price, as a share of it; negative is on the far side. */
  readonly offsetBps: number;
}

export type OrderTermsDrawn = Omit<PlaceIntentInput, "workspaceId" | "intentId">;

const KINDS: readonly (readonly [OrderKind, number])[] = [
  ["market", 0.42],
  ["rest", 0.22],
  ["post-only", 0.12],
  ["ioc", 0.1],
  ["fok", 0.05],
  ["exit", 0.09],
];
const ROUTED_SHARE = 0.3;
const LARGE_SHARE = 0.12;

function drawKind(dice: SeededRandom): OrderKind {
  let left = dice.next();
  for (const [kind, share] of KINDS) {
    left -= share;
    if (left < 0) return kind;
  }
  return "market";
}

export function pick<T>(dice: SeededRandom, list: readonly T[]): T {
  const item = list[dice.integer(list.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

export function drawOrder(dice: SeededRandom, traders: readonly Trader[], markets: readonly ChaosMarket[]): DrawnOrder {
  const trader = pick(dice, traders);
  const account = pick(dice, trader.accounts);
  const market = pick(
    dice,
    markets.filter((candidate) => candidate.venue === account.venue),
  );
  const kind = drawKind(dice);
  const side = kind === "exit" || dice.next() < 0.45 ? "SELL" : "BUY";
  const isRouted = kind !== "exit" && dice.next() < ROUTED_SHARE;
  const notionalUsd = dice.next() < LARGE_SHARE ? 1_000 + dice.integer(2_000) : 30 + dice.integer(300);
  const rests = kind === "rest" || kind === "post-only";
  const offsetBps = rests ? 2 + dice.integer(38) : dice.next() < 0.5 ? -5 : 5;
  return { trader, account, market, kind, side, isRouted, notionalUsd, offsetBps };
}

/** Coarse enough for every venue that may get it. */
function coarsest(markets: readonly ChaosMarket[], drawn: DrawnOrder, read: (market: ChaosMarket) => Decimal): Decimal {
  if (!drawn.isRouted) return read(drawn.market);
  const same = markets.filter((market) => market.symbol === drawn.market.symbol);
  return same.map(read).reduce((most, step) => Decimal.max(most, step));
}

/** The order in the words of the ticket. `held` is what the platform holds in this market, for exits; zero sells holdings instead. */
export function termsOf(drawn: DrawnOrder, top: Top, markets: readonly ChaosMarket[], held: Decimal): OrderTermsDrawn {
  const { market, kind, side, account } = drawn;
  const step = coarsest(markets, drawn, (candidate) => candidate.step);
  const tick = coarsest(markets, drawn, (candidate) => candidate.tick);
  const best = new Decimal(side === "BUY" ? top.bid : top.ask);
  const wanted = ceilToStep(new Decimal(drawn.notionalUsd).dividedBy(best), step);
  const isExit = kind === "exit" && floorToStep(held, step).gte(wanted);
  const isLimit = kind !== "market" && kind !== "exit";
  const away = new Decimal(side === "BUY" ? -drawn.offsetBps : drawn.offsetBps).dividedBy(10_000).plus(1);
  return {
    symbol: market.symbol,
    side,
    type: isLimit ? "LIMIT" : "MARKET",
    timeInForce: kind === "rest" || kind === "post-only" ? "GTC" : kind === "fok" ? "FOK" : "IOC",
    postOnly: kind === "post-only",
    quantity: wanted.toFixed(),
    limitPrice: isLimit ? floorToStep(best.times(away), tick).toFixed() : null,
    venueAccountId: drawn.isRouted ? null : account.venueAccountId,
    isExit,
  };
}
