"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useEffect } from "react";
import { useIsOnline } from "#components/data/use-is-online.ts";
import type { PlaceStatus } from "#components/intent/use-place-intent.ts";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { describeDenial } from "#lib/sentences/denials.ts";

interface PlaceDialogProps {
  readonly status: PlaceStatus;
  /** Asks although nothing is armed yet. */
  readonly isAsking?: boolean;
  readonly title: string;
  readonly description: ReactNode;
  readonly confirmLabel: string;
  readonly tone: "primary" | "gain" | "loss";
  readonly onPlace: () => void;
  readonly onDismiss: () => void;
}

/** Asks once, then stays until the answer is final. What is accepted opens its own page. */
export function PlaceDialog({
  status,
  isAsking = false,
  title,
  description,
  confirmLabel,
  tone,
  onPlace,
  onDismiss,
}: PlaceDialogProps) {
  const router = useRouter();
  const accepted = status.step === "done" && status.result.state === "ACCEPTED" ? status.result : null;
  useEffect(() => {
    if (accepted === null) return;
    router.push(accepted.orderId === null ? `/orders/twaps/${accepted.twapId ?? ""}` : `/orders/${accepted.orderId}`);
  }, [accepted, router]);

  const isWaiting = status.step === "sending" || status.step === "checking";
  const isDenied = status.step === "done" && status.result.state === "DENIED";
  const isOnline = useIsOnline();
  const isOver = status.step === "refused" || isDenied;
  return (
    <ConfirmDialog
      open={isAsking || status.step !== "idle"}
      onOpenChange={(open) => {
        if (!open && !isWaiting) onDismiss();
      }}
      title={isOver ? "Not placed" : title}
      description={isOver ? "Nothing was sent to a venue." : description}
      confirmLabel={isOver ? "Change order" : confirmLabel}
      cancelLabel={isOver ? "Close" : "Back"}
      tone={isOver ? "primary" : tone}
      busy={isWaiting || accepted !== null}
      blocked={!isOver && !isOnline}
      onConfirm={isOver ? onDismiss : onPlace}
    >
      <div className="mt-4 empty:mt-0">
        <Answer status={status} />
        {isOnline || isWaiting || isOver ? null : <Notice tone="warn">You are offline: nothing can be placed now.</Notice>}
      </div>
    </ConfirmDialog>
  );
}

function Answer({ status }: { status: PlaceStatus }) {
  if (status.step === "checking") {
    return (
      <Notice tone="warn" role="alert">
        <strong className="font-semibold">Outcome not known yet, checking.</strong> No answer has come back. The same order is
        asked for again under the same id, so it cannot be placed twice. You can leave this page open.
      </Notice>
    );
  }
  if (status.step === "refused") {
    return (
      <Notice tone="bad" role="alert">
        {status.error.sentence}
      </Notice>
    );
  }
  if (status.step === "done" && status.result.state === "DENIED") {
    return (
      <Notice tone="bad" role="alert">
        {describeDenial(status.result.denialCode ?? "INTERNAL", status.result.denialDetails)}
      </Notice>
    );
  }
  return null;
}
