"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import { Button } from "#components/ui/button.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import type { VenueAccountDto } from "#lib/contracts/account.ts";
import { readAppError } from "#lib/errors/app-error.ts";
import { venueName } from "#lib/sentences/venues.ts";

/** Check the key again, or disconnect and destroy it. */
export function VenueActions({ account }: { account: VenueAccountDto }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { workspace } = useWorkspace();
  const [asking, setAsking] = useState(false);
  const reference = { workspaceId: workspace.id, venueAccountId: account.id };
  const onSettled = () => queryClient.invalidateQueries({ queryKey: trpc.venue.list.pathKey() });
  const recheck = useMutation(
    trpc.venue.recheck.mutationOptions({
      onSettled,
      onSuccess: () => toast.info("The key is being checked"),
      onError: (error) => toast.error("Not checked", { description: readAppError(error).sentence }),
    }),
  );
  const disconnect = useMutation(
    trpc.venue.disconnect.mutationOptions({
      onSettled,
      onSuccess: () => setAsking(false),
      onError: (error) => toast.error("Not disconnected", { description: readAppError(error).sentence }),
    }),
  );
  if (account.status === "REVOKED") return null;
  return (
    <div className="grid grid-cols-2 gap-2">
      <Button size="sm" busy={recheck.isPending} onClick={() => recheck.mutate(reference)}>
        Check again
      </Button>
      <Button size="sm" onClick={() => setAsking(true)}>
        Disconnect
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Disconnect ${venueName(account.venue)}?`}
        description={
          <>
            The key of "{account.label}" is destroyed here and no order goes to this account any more. What you hold at the venue
            stays there. Delete the key at the venue too.
          </>
        }
        confirmLabel="Disconnect"
        tone="loss"
        busy={disconnect.isPending}
        onConfirm={() => disconnect.mutate(reference)}
      />
    </div>
  );
}
