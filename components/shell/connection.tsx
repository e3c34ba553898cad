"use client";

import { Tooltip } from "radix-ui";
import { useConnection } from "#components/data/realtime.tsx";
import { useIsOnline } from "#components/data/use-is-online.ts";
import { cn } from "#lib/format/class-names.ts";
import type { ConnectionState } from "#lib/realtime/feed.ts";

const WORDS: Readonly<Record<ConnectionState, { label: string; dot: string; text: string }>> = {
  live: { label: "Live", dot: "bg-gain", text: "Connected. Every change arrives as it happens." },
  "catching-up": { label: "Catching up", dot: "bg-info", text: "Connected again. Reading what happened meanwhile." },
  connecting: { label: "Connecting", dot: "bg-warn", text: "Connecting. What is shown may be a moment old." },
  offline: { label: "Offline", dot: "bg-loss", text: "No connection. What is shown is the last known state." },
};

/** The network is there and the stream of changes is not. */
const INTERRUPTED = {
  label: "No live updates",
  dot: "bg-warn",
  text: "No live updates: read again every few seconds. Orders can be placed.",
};

/** The state of the connection: a dot and a word, and a sentence on demand. */
export function ConnectionIndicator() {
  const isOnline = useIsOnline();
  const connection = useConnection();
  const { label, dot, text } = connection === "offline" && isOnline ? INTERRUPTED : WORDS[isOnline ? connection : "offline"];
  return (
    <Tooltip.Provider delayDuration={200}>
      <Tooltip.Root>
        <Tooltip.Trigger
          type="button"
          aria-label={`Connection: ${label}`}
          className="inline-flex h-11 items-center gap-2 rounded-md px-2 text-xs font-medium text-muted"
        >
          <span className={cn("size-2 rounded-full transition-colors duration-200", dot)} />
          <span className="max-sm:sr-only">{label}</span>
        </Tooltip.Trigger>
        <Tooltip.Portal>
          <Tooltip.Content
            sideOffset={4}
            className="fade-in z-50 max-w-64 rounded-md border border-line bg-raised px-3 py-2 text-xs text-text shadow-lg"
          >
            {text}
          </Tooltip.Content>
        </Tooltip.Portal>
      </Tooltip.Root>
    </Tooltip.Provider>
  );
}

/** On a phone the dot is easily missed, so what is wrong is also said in words across the page. */
export function OfflineBar() {
  const isOnline = useIsOnline();
  const connection = useConnection();
  if (isOnline && connection !== "offline") return null;
  return (
    <div role="status" className="text-balance bg-warn-soft px-4 py-1.5 text-center text-xs font-medium text-warn">
      {isOnline ? INTERRUPTED.text : "Offline: the last known state, and no orders until the connection is back."}
    </div>
  );
}
