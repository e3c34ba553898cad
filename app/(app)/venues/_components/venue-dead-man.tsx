"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import { TimeText } from "#components/numbers/age.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import type { VenueAccountDto } from "#lib/contracts/account.ts";
import { readAppError } from "#lib/errors/app-error.ts";
import { DEAD_MAN_CHOICES, deadManStanding, deadManWords } from "#lib/sentences/dead-man.ts";
import { venueName } from "#lib/sentences/venues.ts";

type Choice = (typeof DEAD_MAN_CHOICES)[number]["value"];

/** What the venue does with open orders when Nija cannot be reached: chosen by the owner, seen by everybody. */
export function VenueDeadMan({ account, isOwner }: { account: VenueAccountDto; isOwner: boolean }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { workspace } = useWorkspace();
  const [asked, setAsked] = useState<Choice | null>(null);
  const { deadMan } = account;
  const name = venueName(account.venue);
  const choose = useMutation(
    trpc.venue.deadMan.mutationOptions({
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.venue.list.pathKey() }),
      onSuccess: () => setAsked(null),
      onError: (error) => toast.error("Not changed", { description: readAppError(error).sentence }),
    }),
  );
  const send = (choice: Choice): void => {
    const seconds = DEAD_MAN_CHOICES.find(({ value }) => value === choice)?.seconds ?? null;
    choose.mutate({ workspaceId: workspace.id, venueAccountId: account.id, seconds });
  };
  if (!deadMan.isOffered) return null;
  const chosen: Choice = DEAD_MAN_CHOICES.find(({ seconds }) => seconds === deadMan.seconds)?.value ?? "off";
  return (
    <section aria-label="Dead man's switch" className="flex flex-col gap-2 border-t border-line pt-3 text-xs">
      <div className="flex items-baseline justify-between gap-3">
        <h3 className="text-muted">Cancel orders if Nija is cut off</h3>
        {isOwner ? null : <span>{deadManWords(deadMan.seconds)}</span>}
      </div>
      {isOwner ? (
        <Segmented
          label="Cancel orders if Nija is cut off"
          value={chosen}
          options={DEAD_MAN_CHOICES}
          disabled={choose.isPending}
          onValueChange={(value) => (value === "off" ? send(value) : setAsked(value))}
        />
      ) : null}
      <p role="status" className={deadMan.problem === "" ? "text-muted" : "text-warn"}>
        {deadManStanding(deadMan, name)}
      </p>
      {deadMan.firedAt === null ? null : (
        <p className="text-muted">
          Last fired <TimeText at={deadMan.firedAt} />
        </p>
      )}
      <ConfirmDialog
        open={asked !== null}
        onOpenChange={(open) => (open ? undefined : setAsked(null))}
        title={`Let ${name} cancel your orders?`}
        description={
          <>
            When {name} has not heard from Nija for{" "}
            {deadManWords(DEAD_MAN_CHOICES.find(({ value }) => value === asked)?.seconds ?? null)}, it cancels every open order of
            "{account.label}", also those that you placed there yourself. It counts only while orders of yours wait there to be
            filled, and never while an exit or a stop rests there.
          </>
        }
        confirmLabel="Switch on"
        busy={choose.isPending}
        onConfirm={() => (asked === null ? undefined : send(asked))}
      />
    </section>
  );
}
