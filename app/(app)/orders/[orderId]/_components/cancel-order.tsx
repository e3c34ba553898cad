"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "#components/data/trpc.tsx";
import { useIsOnline } from "#components/data/use-is-online.ts";
import { useWorkspace } from "#components/data/workspace.tsx";
import { Button } from "#components/ui/button.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import type { OrderDto } from "#lib/contracts/trade.ts";
import { readAppError } from "#lib/errors/app-error.ts";
import { toDecimal } from "#lib/format/decimal.ts";
import { formatQuantity } from "#lib/format/number.ts";
import { orderTypeWords } from "#lib/sentences/triggers.ts";

/** Asks once and then asks the venue. Asking twice is harmless: a cancel has no second effect. */
export function CancelOrder({ order }: { order: OrderDto }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { workspace } = useWorkspace();
  const [open, setOpen] = useState(false);
  const isOnline = useIsOnline();
  const cancel = useMutation(
    trpc.trade.cancel.mutationOptions({
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.trade.getOrder.pathKey() }),
      onSuccess: () => setOpen(false),
      onError: (error) => toast.error("Not canceled", { description: readAppError(error).sentence }),
    }),
  );
  const [base = ""] = order.symbol.split("/");
  const left = toDecimal(order.quantity)?.minus(order.filledQuantity).toFixed() ?? null;
  return (
    <>
      <Button disabled={!isOnline} onClick={() => setOpen(true)}>
        Cancel order
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title="Cancel this order?"
        description={
          <>
            The venue is asked to cancel what is left: {formatQuantity(left)} {base}. What is filled stays filled, and a fill may
            still arrive before the cancel does.
            {order.restsFor === null ? null : ` The ${orderTypeWords(order).toLowerCase()} that it rests for is removed with it.`}
          </>
        }
        confirmLabel="Cancel order"
        cancelLabel="Keep order"
        tone="loss"
        busy={cancel.isPending}
        blocked={!isOnline}
        onConfirm={() => cancel.mutate({ workspaceId: workspace.id, orderId: order.id })}
      />
    </>
  );
}
