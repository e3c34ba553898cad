"use client";

import { useMutation } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { toast } from "sonner";
import { useTRPC } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import { Button } from "#components/ui/button.tsx";
import type { VenueAccountDto } from "#lib/contracts/account.ts";
import { readAppError } from "#lib/errors/app-error.ts";

/** Has the worker compare the account with its venue now. The answer comes as an event. */
export function ReconcileNow({ account }: { account: VenueAccountDto }) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const ask = useMutation(
    trpc.venue.reconcile.mutationOptions({
      onSuccess: () => toast.info("Comparing with the venue", { description: "The result appears below in a moment." }),
      onError: (error) => toast.error("Not compared", { description: readAppError(error).sentence }),
    }),
  );
  return (
    <Button size="sm" busy={ask.isPending} onClick={() => ask.mutate({ workspaceId: workspace.id, venueAccountId: account.id })}>
      <RefreshCw aria-hidden className="size-4" />
      Reconcile now
    </Button>
  );
}
