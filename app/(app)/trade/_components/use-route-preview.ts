"use client";

import { skipToken, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTRPC } from "#components/data/trpc.tsx";
import type { PreviewRouteInput, RoutePreviewDto } from "#lib/contracts/trade.ts";
import { Decimal } from "#lib/format/decimal.ts";

const DEBOUNCE_MS = 300;
/** Books move; what is shown is asked for again while the ticket is open. */
const REFRESH_MS = 4_000;

/** An amount of quote makes another amount of base with every price: less than this is the same order to a preview. */
const SAME_SHARE = "0.005";

/** True when a preview of `asked` says enough about `now`. */
function isSameOrder(asked: PreviewRouteInput, now: PreviewRouteInput): boolean {
  const { quantity: askedQuantity, ...askedRest } = asked;
  const { quantity, ...rest } = now;
  if (JSON.stringify(askedRest) !== JSON.stringify(rest)) return false;
  return new Decimal(quantity).minus(askedQuantity).abs().lte(new Decimal(askedQuantity).times(SAME_SHARE));
}

function useDebounced(value: PreviewRouteInput | null): PreviewRouteInput | null {
  const [settled, setSettled] = useState(value);
  const isSettled = value === null || (settled !== null && isSameOrder(settled, value));
  const text = JSON.stringify(value);
  useEffect(() => {
    if (isSettled) return undefined;
    const timer = setTimeout(() => setSettled(JSON.parse(text) as PreviewRouteInput | null), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [text, isSettled]);
  // Nothing of an order that is no longer there is shown, not even for the debounce.
  return value === null ? null : settled;
}

export interface RoutePreview {
  readonly preview: RoutePreviewDto | null;
  readonly error: unknown;
  readonly retry: () => void;
  /** The figures belong to the order as it is now, and not to what it was before the last change. */
  readonly isCurrent: boolean;
}

/** Where the order would go and what it would cost, as the server sees it now. */
export function useRoutePreview(input: PreviewRouteInput | null): RoutePreview {
  const trpc = useTRPC();
  const asked = useDebounced(input);
  const query = useQuery(
    trpc.trade.previewRoute.queryOptions(asked ?? skipToken, {
      staleTime: 0,
      refetchInterval: REFRESH_MS,
      placeholderData: (previous) => previous,
    }),
  );
  const enabled = asked !== null;
  return {
    preview: enabled ? (query.data ?? null) : null,
    error: enabled && query.data === undefined ? query.error : null,
    retry: () => void query.refetch(),
    isCurrent: asked !== null && input !== null && !query.isPlaceholderData && isSameOrder(asked, input),
  };
}
