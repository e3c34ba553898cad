"use client";

import { useCallback, useMemo, useState } from "react";
import { useSymbolQuotes } from "#components/data/use-quotes.ts";
import type { VenueAccountDto } from "#lib/contracts/account.ts";
import type { MarketDto, QuoteDto } from "#lib/contracts/trade.ts";
import { Decimal } from "#lib/format/decimal.ts";
import { type EntryBasis, entryBasis, type LevelsDraft, readLevels, type ReadLevels } from "#lib/ticket/protection.ts";
import { bestPrice, combineRules, deriveTerms, type TicketDraft, type TicketRules, type TicketTerms } from "#lib/ticket/terms.ts";

export interface Ticket {
  readonly draft: TicketDraft;
  readonly change: (patch: Partial<TicketDraft>) => void;
  /** Stop and target that a buy's fills arm; null while they are not open. */
  readonly levels: LevelsDraft | null;
  readonly changeLevels: (levels: LevelsDraft | null) => void;
  readonly readLevels: ReadLevels | null;
  /** What levels are measured from. */
  readonly entry: EntryBasis;
  readonly rules: TicketRules | null;
  readonly terms: TicketTerms | null;
  readonly quotes: readonly QuoteDto[];
  /** The chosen symbol's market at each venue that lists it. */
  readonly listed: readonly MarketDto[];
  /** The price the order would meet first, among the accounts that may take it. */
  readonly best: ReturnType<typeof bestPrice>;
  /** Accounts that trade the chosen symbol. */
  readonly accounts: readonly VenueAccountDto[];
  /** The largest balance of what the order spends, in one account: an order goes to one venue. */
  readonly spendable: { readonly asset: string; readonly available: string } | null;
}

function largestBalance(accounts: readonly VenueAccountDto[], asset: string): string | null {
  let largest: Decimal | null = null;
  for (const { balances } of accounts) {
    const held = balances.find((balance) => balance.asset === asset);
    if (held === undefined) continue;
    const available = new Decimal(held.available);
    if (largest === null || available.gt(largest)) largest = available;
  }
  return largest?.toFixed() ?? null;
}

const START: TicketDraft = {
  symbol: null,
  side: "BUY",
  type: "MARKET",
  unit: "QUOTE",
  amountText: "",
  priceText: "",
  timeInForce: "GTC",
  postOnly: false,
  venueAccountId: null,
  atOnce: false,
  minutesText: "10",
  partsText: "12",
};

/** A limit order without its limit yet. */
const NO_ENTRY: EntryBasis = { price: null, entryPrice: null, isAtLimit: true };

/** The ticket's state and everything that follows from it. */
export function useTicket(
  markets: readonly MarketDto[],
  accounts: readonly VenueAccountDto[],
  start: Partial<TicketDraft>,
): Ticket {
  const [draft, setDraft] = useState<TicketDraft>({ ...START, ...start });
  const [levels, changeLevels] = useState<LevelsDraft | null>(null);
  const change = useCallback((patch: Partial<TicketDraft>) => {
    const isOther = patch.symbol !== undefined || patch.side !== undefined || patch.type !== undefined;
    // A choice about one order is none about another.
    setDraft((before) => ({ ...before, ...(isOther ? { atOnce: false } : {}), ...patch }));
    // Levels of one market or side mean something else at another: nothing that is out of sight is ever sent.
    if (patch.symbol !== undefined || patch.side !== undefined || patch.type === "OVER_TIME") changeLevels(null);
  }, []);
  const quotes = useSymbolQuotes(draft.symbol);

  return useMemo(() => {
    const listed = markets.filter((market) => market.symbol === draft.symbol);
    const lists = (account: VenueAccountDto): boolean =>
      account.status === "ACTIVE" && listed.some((market) => market.venue === account.venue && market.mode === account.mode);
    const able = accounts.filter(lists);
    const chosen = draft.venueAccountId === null ? able : able.filter((account) => account.id === draft.venueAccountId);
    const offered = (item: { readonly venue: string; readonly mode: string }): boolean =>
      chosen.some((account) => account.venue === item.venue && account.mode === item.mode);
    const rules = combineRules(listed.filter(offered)) ?? combineRules(listed);
    const best = bestPrice(quotes.filter(offered), draft.side);
    const asset = rules === null ? null : draft.side === "BUY" ? rules.quote : rules.base;
    const available = asset === null ? null : largestBalance(chosen, asset);
    const terms = rules === null ? null : deriveTerms(draft, rules, best?.price ?? null);
    const bidThere = quotes.find((quote) => offered(quote) && quote.venue === best?.venue)?.bid ?? null;
    const isLimitMissing = draft.type === "LIMIT" && terms?.limitPrice === null;
    const entry = isLimitMissing ? NO_ENTRY : entryBasis(terms?.limitPrice ?? null, bidThere, best?.price ?? null);
    return {
      draft,
      change,
      levels,
      changeLevels,
      readLevels: levels === null ? null : readLevels(levels, { ...entry, quantity: terms?.quantity ?? null }),
      entry,
      rules,
      terms,
      quotes,
      listed,
      best,
      accounts: able,
      spendable: asset === null || available === null ? null : { asset, available },
    };
  }, [draft, change, levels, quotes, markets, accounts]);
}
