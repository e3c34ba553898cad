import { splitSymbol } from "#server/data/ledger/positions.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { Fill } from "#server/domain/order/order.ts";
import { positionFromFills } from "#server/domain/position/position.ts";
import type { AccountBooks } from "./compare-orders.ts";
import type { Finding } from "./findings.ts";
import type { BalanceFact, FillFact, PlatformBooks } from "./platform-books.ts";

const key = ({ holder_id, account, asset }: Pick<BalanceFact, "holder_id" | "account" | "asset">): string =>
  `${holder_id} ${account} ${asset}`;

function amounts(facts: readonly BalanceFact[]): ReadonlyMap<string, Decimal> {
  return new Map(facts.map((fact) => [key(fact), new Decimal(fact.amount)]));
}

function compareWithVenue(
  ledger: ReadonlyMap<string, Decimal>,
  { account, venue }: AccountBooks,
  assets: ReadonlySet<string>,
): Finding[] {
  const { venueAccountId } = account;
  return [...new Set([...assets, ...venue.balances.map(({ asset }) => asset)])].flatMap((asset): Finding[] => {
    const read = (name: string): Decimal => ledger.get(key({ holder_id: venueAccountId, account: name, asset })) ?? ZERO;
    const ours = read("AVAILABLE").plus(read("RESERVED"));
    const balance = venue.balances.find((candidate) => candidate.asset === asset);
    const theirs = balance === undefined ? ZERO : new Decimal(balance.free).plus(balance.locked);
    if (ours.eq(theirs)) return [];
    const what = `${account.venue} holds ${theirs.toFixed()} ${asset} and the ledger ${ours.toFixed()}`;
    return [{ figure: "balanceDifferences", what, venueAccountId }];
  });
}

function domainFill(fact: FillFact, base: string, quote: string): Fill {
  const fee = new Decimal(fact.fee);
  return {
    venueTradeId: fact.venue_trade_id,
    side: fact.side,
    base,
    quote,
    quantity: new Decimal(fact.quantity),
    price: new Decimal(fact.price),
    fees: fee.isZero() ? [] : [{ asset: fact.fee_asset, amount: fee }],
  };
}

function comparePositions(platform: PlatformBooks): Finding[] {
  const fills = Map.groupBy(platform.fills, (fill) => `${fill.venue_account_id} ${fill.symbol}`);
  const positions = new Map(platform.positions.map((position) => [`${position.venue_account_id} ${position.symbol}`, position]));
  return [...new Set([...fills.keys(), ...positions.keys()])].flatMap((name): Finding[] => {
    const [venueAccountId = "", symbol = ""] = name.split(" ");
    const [base, quote] = splitSymbol(symbol);
    const rebuilt = positionFromFills(
      base,
      quote,
      (fills.get(name) ?? []).map((fact) => domainFill(fact, base, quote)),
    );
    const stored = positions.get(name);
    const isSame =
      rebuilt.quantity.eq(stored?.quantity ?? 0) &&
      rebuilt.costBasis.eq(stored?.cost_basis ?? 0) &&
      rebuilt.realisedPnl.eq(stored?.realised_pnl ?? 0);
    if (isSame) return [];
    const what = `the position in ${symbol} is ${stored?.quantity ?? "missing"} and its fills make ${rebuilt.quantity.toFixed()}`;
    return [{ figure: "balanceDifferences", what, venueAccountId }];
  });
}

/** Balances to the last digit: venue against ledger, ledger against its running totals, reserves, positions, adjustments. */
export function compareBalances(platform: PlatformBooks, accounts: readonly AccountBooks[]): Finding[] {
  const ledger = amounts(platform.ledger);
  const running = amounts(platform.balances);
  const assets = new Set(platform.ledger.map(({ asset }) => asset));
  const findings = accounts.flatMap((account) => compareWithVenue(ledger, account, assets));
  const add = (what: string, venueAccountId: string): void =>
    void findings.push({ figure: "balanceDifferences", what, venueAccountId });
  for (const fact of platform.ledger) {
    const total = running.get(key(fact)) ?? ZERO;
    if (!total.eq(fact.amount))
      add(`${key(fact)} is ${fact.amount} by the journal and ${total.toFixed()} by the running total`, fact.holder_id);
    const isOpen = platform.orders.some((order) => order.reserve_left !== "0" && new Decimal(order.reserve_left).gt(0));
    if (fact.account === "RESERVED" && !isOpen && !new Decimal(fact.amount).isZero()) {
      add(`${fact.amount} ${fact.asset} are reserved and nothing is open`, fact.holder_id);
    }
  }
  for (const { holder_id, asset, amount, memo } of platform.adjustments) {
    add(`${amount} ${asset} were booked as a difference (${memo}) although nobody else trades`, holder_id);
  }
  return [...findings, ...comparePositions(platform)];
}
