"use client";

import { createContext, type ReactNode, use, useCallback, useState } from "react";
import { toast } from "sonner";
import type { RealtimeEvent } from "#lib/realtime/sequence.ts";
import { describeEvent } from "#lib/sentences/events.ts";

type Announce = (event: RealtimeEvent) => void;

const AnnounceContext = createContext<Announce>(() => {});

/** What a person wants to hear about at once; everything else is in the activity. */
const SPOKEN: ReadonlySet<string> = new Set([
  "OrderFilled",
  "OrderRejected",
  "OrderDenied",
  "OrderOutcomeUnknown",
  "OrderCancelRefused",
  "VenueAccountDisabled",
  "TradingStateChanged",
  "KillSwitchDone",
  "BreakerOpened",
  "MarketFell",
  "OrdersHeldBack",
  "TwapSliceDenied",
  "TwapEnded",
]);

/** Older ones come from a catch-up after a sleep; a shower of toasts about the past helps nobody. */
const RECENT_MS = 30_000;

export function useAnnounce(): Announce {
  return use(AnnounceContext);
}

/** Speaks fills and failures to a screen reader and shows them as toasts. */
export function Announcer({ children }: { children: ReactNode }) {
  const [spoken, setSpoken] = useState("");
  const announce = useCallback<Announce>((event) => {
    if (!SPOKEN.has(event.type) || Date.now() - Date.parse(event.at) > RECENT_MS) return;
    const { title, line, tone } = describeEvent(event.type, event.data);
    setSpoken(`${title}. ${line}`);
    const show = tone === "bad" ? toast.error : tone === "warn" ? toast.warning : tone === "good" ? toast.success : toast.info;
    show(title, { id: `event-${event.seq}`, description: line });
  }, []);
  return (
    <AnnounceContext value={announce}>
      {children}
      <div role="status" aria-live="polite" className="sr-only">
        {spoken}
      </div>
    </AnnounceContext>
  );
}
