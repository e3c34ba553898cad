"use client";

import { useCallback, useMemo, useState } from "react";
import { useSymbolQuotes } from "#components/data/use-quotes.ts";
import type { VenueAccountDto } from "#lib/contracts/account.ts";
import type { MarketDto, QuoteDto } from "#lib/contracts/trade.ts";
import { Decimal } from "#lib/format/decimal.ts";
import { bestPrice, combineRules, deriveTerms, type TicketDraft, type TicketRules, type TicketTerms } from "#lib/ticket/terms.ts";

export interface Ticket {
  readonly draft: TicketDraft;
  readonly change: (patch: Partial<TicketDraft>) => void;
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
};

/** The ticket's state and everything that follows from it. */
export function useTicket(
  markets: readonly MarketDto[],
  accounts: readonly VenueAccountDto[],
  start: Partial<TicketDraft>,
): Ticket {
  const [draft, setDraft] = useState<TicketDraft>({ ...START, ...start });
  const change = useCallback((patch: Partial<TicketDraft>) => setDraft((before) => ({ ...before, ...patch })), []);
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
    return {
      draft,
      change,
      rules,
      terms: rules === null ? null : deriveTerms(draft, rules, best?.price ?? null),
      quotes,
      listed,
      best,
      accounts: able,
      spendable: asset === null || available === null ? null : { asset, available },
    };
  }, [draft, change, quotes, markets, accounts]);
}
