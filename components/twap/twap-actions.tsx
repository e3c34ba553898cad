"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Pause, Play } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "#components/data/trpc.tsx";
import { useIsOnline } from "#components/data/use-is-online.ts";
import { useWorkspace } from "#components/data/workspace.tsx";
import { filledWords } from "#components/twap/twap-progress.tsx";
import { Button } from "#components/ui/button.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import type { TwapDto } from "#lib/contracts/twap.ts";
import { readAppError } from "#lib/errors/app-error.ts";
import { isRunning } from "#lib/sentences/twaps.ts";

/** Pause, go on, cancel. Each asked for twice has no second effect. Nothing for one that is over and for those who may not trade. */
export function TwapActions({ twap }: { readonly twap: TwapDto }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { workspace } = useWorkspace();
  const isOnline = useIsOnline();
  const [isAsking, setAsking] = useState(false);
  const settle = {
    onSettled: async () => {
      await Promise.all(
        [trpc.trade.twaps.pathKey(), trpc.trade.getTwap.pathKey()].map((queryKey) => queryClient.invalidateQueries({ queryKey })),
      );
    },
    onError: (error: unknown) => toast.error("Not changed", { description: readAppError(error).sentence }),
  };
  const pause = useMutation(trpc.trade.pauseTwap.mutationOptions(settle));
  const resume = useMutation(trpc.trade.resumeTwap.mutationOptions(settle));
  const cancel = useMutation(trpc.trade.cancelTwap.mutationOptions({ ...settle, onSuccess: () => setAsking(false) }));
  if (workspace.role === "VIEWER" || !isRunning(twap)) return null;
  const ref = { workspaceId: workspace.id, twapId: twap.id };
  const name = `${twap.side === "BUY" ? "buying" : "selling"} ${twap.symbol}`;
  const isPaused = twap.state === "PAUSED";
  return (
    <div className="flex shrink-0 gap-2">
      <Button
        size="sm"
        disabled={!isOnline}
        busy={pause.isPending || resume.isPending}
        onClick={() => (isPaused ? resume : pause).mutate(ref)}
        aria-label={isPaused ? `Go on ${name}` : `Pause ${name}`}
      >
        {isPaused ? <Play aria-hidden className="size-4" /> : <Pause aria-hidden className="size-4" />}
        {isPaused ? "Go on" : "Pause"}
      </Button>
      <Button size="sm" disabled={!isOnline} onClick={() => setAsking(true)} aria-label={`Cancel ${name}`}>
        Cancel
      </Button>
      <ConfirmDialog
        open={isAsking}
        onOpenChange={setAsking}
        title="Cancel this order over time?"
        description={
          <>
            No further part is placed. {filledWords(twap)} is filled so far and stays so; a part that is on its way may still
            fill.
          </>
        }
        confirmLabel="Cancel the rest"
        cancelLabel="Keep it running"
        tone="loss"
        busy={cancel.isPending}
        blocked={!isOnline}
        onConfirm={() => cancel.mutate(ref)}
      />
    </div>
  );
}
