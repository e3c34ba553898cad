"use client";

import { skipToken, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { useQuoteBoard } from "#components/data/realtime.tsx";
import { useTRPC } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import type { QuoteDto } from "#lib/contracts/trade.ts";

const EMPTY: ReadonlyMap<string, QuoteDto> = new Map();

function useQuotes(symbol: string | null): ReadonlyMap<string, QuoteDto> {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const board = useQuoteBoard();
  const query = useQuery(
    trpc.trade.quotes.queryOptions(symbol === null ? skipToken : { workspaceId: workspace.id, symbol }, { staleTime: 30_000 }),
  );
  useEffect(() => {
    if (query.data !== undefined) board.put(query.data);
  }, [query.data, board]);
  return useSyncExternalStore(board.subscribe, board.all, () => EMPTY);
}

/** The quotes of one symbol, one per venue: the server's answer first, then what the channel brings. */
export function useSymbolQuotes(symbol: string | null): readonly QuoteDto[] {
  const quotes = useQuotes(symbol);
  return useMemo(() => [...quotes.values()].filter((quote) => quote.symbol === symbol), [quotes, symbol]);
}
