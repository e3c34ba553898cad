"use client";

import { ChevronDown, Shield } from "lucide-react";
import { Collapsible } from "radix-ui";
import type { Ticket } from "./use-ticket.ts";
import { LevelFields } from "#components/triggers/level-fields.tsx";
import { cn } from "#lib/format/class-names.ts";
import { WHO_HOLDS } from "#lib/sentences/triggers.ts";
import { NO_LEVELS } from "#lib/ticket/protection.ts";

/** The optional stop and target of a buy. Folding it away drops them: what is not in sight is not sent. */
export function BracketFields({ ticket }: { ticket: Ticket }) {
  const { rules, levels, changeLevels, readLevels, entry } = ticket;
  const isOpen = levels !== null && readLevels !== null;
  return (
    <Collapsible.Root
      open={isOpen}
      onOpenChange={(open) => changeLevels(open ? NO_LEVELS : null)}
      disabled={rules === null}
      className="rounded-md border border-line"
    >
      <Collapsible.Trigger className="flex h-12 w-full items-center gap-2.5 rounded-md px-3 text-sm font-medium transition-colors duration-150 hover:bg-hover disabled:opacity-50 md:h-11">
        <Shield aria-hidden className="size-4 text-muted" />
        Stop and target
        <span className="flex-1 text-right text-xs font-normal text-muted">{isOpen ? "Remove" : "Optional"}</span>
        <ChevronDown aria-hidden className={cn("size-4 text-muted transition-transform duration-150", isOpen && "rotate-180")} />
      </Collapsible.Trigger>
      <Collapsible.Content className="flex flex-col gap-3 border-t border-line p-3">
        {isOpen ? (
          <>
            <LevelFields
              draft={levels}
              onChange={(patch) => changeLevels({ ...levels, ...patch })}
              read={readLevels}
              price={entry.price}
              priceName={entry.isAtLimit ? "the limit price" : "the best bid"}
              quote={rules?.quote ?? ""}
              tick={rules?.priceTick ?? "0"}
            />
            <p className="text-xs text-muted">Armed for what the order fills. {WHO_HOLDS}</p>
          </>
        ) : null}
      </Collapsible.Content>
    </Collapsible.Root>
  );
}
