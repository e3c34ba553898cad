"use client";

import type { ReactNode } from "react";
import type { Ticket } from "./use-ticket.ts";
import { Notice } from "#components/ui/notice.tsx";
import type { RoutePreviewDto } from "#lib/contracts/trade.ts";
import { formatMoney } from "#lib/format/number.ts";
import { durationWords } from "#lib/format/time.ts";
import { doneWord, scheduleWords } from "#lib/sentences/twaps.ts";

interface WayNoteProps {
  readonly ticket: Ticket;
  readonly preview: Pick<RoutePreviewDto, "rule" | "denial"> | null;
}

/** Of a large market order: at once or over time, and the other way at hand. */
export function WayNote({ ticket, preview }: WayNoteProps) {
  const { draft, levels, change } = ticket;
  const rule = preview?.rule ?? null;
  if (draft.type !== "MARKET" || rule === null || preview?.denial !== null) return null;
  const limit = formatMoney(rule.aboveUsd).replace(/\.00$/, "");
  if (levels !== null) {
    return (
      <Notice tone="info" role="status">
        Worth more than {limit}, and sent at once: only a single order can have a stop and a target.
      </Notice>
    );
  }
  return (
    <Notice tone="info" role="status">
      {draft.atOnce ? (
        <>
          Worth more than {limit}, and will be sent at once, as you chose.
          <Choice onClick={() => change({ atOnce: false })}>Send over {durationWords(rule.durationMs)} instead</Choice>
        </>
      ) : (
        <>
          Worth more than {limit}: will be {doneWord(draft.side)} {scheduleWords(rule)}.
          <Choice onClick={() => change({ atOnce: true })}>Send at once instead</Choice>
        </>
      )}
    </Notice>
  );
}

function Choice({ onClick, children }: { readonly onClick: () => void; readonly children: ReactNode }) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="-mb-2 flex min-h-11 items-center font-semibold underline underline-offset-2 md:min-h-9"
    >
      {children}
    </button>
  );
}
