"use client";

import { skipToken, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTRPC } from "#components/data/trpc.tsx";
import type { PreviewRouteInput, RoutePreviewDto } from "#lib/contracts/trade.ts";

const DEBOUNCE_MS = 300;
/** Books move; what is shown is asked for again while the ticket is open. */
const REFRESH_MS = 4_000;

function useDebounced(value: PreviewRouteInput | null): PreviewRouteInput | null {
  const text = JSON.stringify(value);
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  // Nothing of an order that is no longer there is shown, not even for the debounce.
  return value === null ? null : (JSON.parse(settled) as PreviewRouteInput | null);
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
    isCurrent: enabled && !query.isPlaceholderData && JSON.stringify(asked) === JSON.stringify(input),
  };
}
