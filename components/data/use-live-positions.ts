"use client";

import { useMemo, useSyncExternalStore } from "react";
import { useQuoteBoard } from "#components/data/realtime.tsx";
import type { PositionDto, QuoteDto } from "#lib/contracts/trade.ts";
import { quoteKey } from "#lib/realtime/quotes.ts";
import { type LivePosition, valuePosition } from "#lib/ticket/position.ts";

const NONE: ReadonlyMap<string, QuoteDto> = new Map();

/** Positions valued at the newest prices, again with every message of the market channel. */
export function useLivePositions(positions: readonly PositionDto[]): readonly LivePosition[] {
  const board = useQuoteBoard();
  const quotes = useSyncExternalStore(board.subscribe, board.all, () => NONE);
  return useMemo(
    () => positions.map((position) => valuePosition(position, quotes.get(quoteKey(position)) ?? null)),
    [positions, quotes],
  );
}
