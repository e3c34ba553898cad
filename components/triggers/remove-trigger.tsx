"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { useTRPC } from "#components/data/trpc.tsx";
import { useIsOnline } from "#components/data/use-is-online.ts";
import { useWorkspace } from "#components/data/workspace.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { Notice } from "#components/ui/notice.tsx";
import type { TriggerDto } from "#lib/contracts/triggers.ts";
import { readAppError } from "#lib/errors/app-error.ts";
import { formatQuantity } from "#lib/format/number.ts";
import { describeTriggerError, TRIGGER_KIND_WORDS, triggerLevel } from "#lib/sentences/triggers.ts";
import { venueName } from "#lib/sentences/venues.ts";

interface RemoveTriggerProps {
  readonly trigger: TriggerDto;
  /** True when another one of its group stays. */
  readonly hasOther: boolean;
  readonly onDone: () => void;
}

/** Asks once and takes a stop or a target away. Asking twice is harmless: a removal has no second effect. */
export function RemoveTrigger({ trigger, hasOther, onDone }: RemoveTriggerProps) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { workspace } = useWorkspace();
  const isOnline = useIsOnline();
  const [base = ""] = trigger.symbol.split("/");
  const name = TRIGGER_KIND_WORDS[trigger.kind];
  const remove = useMutation(
    trpc.trade.cancelTrigger.mutationOptions({
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.trade.triggers.pathKey() }),
      onSuccess: () => {
        toast.success(`${name} removed`);
        onDone();
      },
    }),
  );
  const what = trigger.state === "PENDING" ? trigger.symbol : `${formatQuantity(trigger.quantity)} ${base}`;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open && !remove.isPending) onDone();
      }}
      title={`Remove this ${name.toLowerCase()}?`}
      description={
        <>
          {name} {triggerLevel(trigger)}
          {trigger.venue === null ? "" : ` on ${venueName(trigger.venue)}`}: {what} is no longer sold there.{" "}
          {hasOther ? "The other level set with it stays." : "Nothing else set with it is left."}
        </>
      }
      confirmLabel="Remove"
      cancelLabel="Keep"
      tone="loss"
      busy={remove.isPending}
      blocked={!isOnline}
      onConfirm={() => remove.mutate({ workspaceId: workspace.id, triggerId: trigger.id })}
    >
      {remove.error === null ? null : (
        <Notice tone="bad" role="alert" className="mt-4">
          {describeTriggerError(readAppError(remove.error), base)}
        </Notice>
      )}
    </ConfirmDialog>
  );
}
