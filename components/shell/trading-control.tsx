"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, OctagonX, Play } from "lucide-react";
import { Checkbox } from "radix-ui";
import { type ReactNode, useId, useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "#components/data/trpc.tsx";
import { useIsOnline } from "#components/data/use-is-online.ts";
import { useWorkspace } from "#components/data/workspace.tsx";
import { Button } from "#components/ui/button.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { TextField } from "#components/ui/field.tsx";
import { readAppError } from "#lib/errors/app-error.ts";

/** For the owner: stops the workspace's trading while it runs, and lets it go on while it is stopped. */
export function TradingControl() {
  const { workspace } = useWorkspace();
  if (workspace.role !== "OWNER") return null;
  return workspace.tradingState === "ACTIVE" ? <StopTrading /> : <ResumeTrading />;
}

/** The session says what the workspace may do, so it is read again after every change, also a refused one. */
function useChange() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  return {
    trpc,
    onSettled: () => queryClient.invalidateQueries(),
    onError: (title: string) => (error: unknown) => void toast.error(title, { description: readAppError(error).sentence }),
  };
}

function StopTrading() {
  const { workspace } = useWorkspace();
  const { trpc, onSettled, onError } = useChange();
  const [open, setOpen] = useState(false);
  const [closePositions, setClosePositions] = useState(false);
  const checkboxId = useId();
  const isOnline = useIsOnline();
  const kill = useMutation(
    trpc.risk.killSwitch.mutationOptions({ onSettled, onSuccess: () => setOpen(false), onError: onError("Not stopped") }),
  );
  return (
    <>
      <Trigger label="Stop trading" tone="text-loss" disabled={!isOnline} onClick={() => setOpen(true)}>
        <OctagonX aria-hidden className="size-5" />
      </Trigger>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title="Stop all trading?"
        description="Every open order of this workspace is canceled, at every venue, and no new one is sent until you let trading go on."
        confirmLabel="Stop trading"
        tone="loss"
        busy={kill.isPending}
        blocked={!isOnline}
        onConfirm={() => kill.mutate({ workspaceId: workspace.id, closePositions, reason: "" })}
      >
        <label htmlFor={checkboxId} className="mt-4 flex min-h-11 cursor-pointer items-center gap-3">
          <Checkbox.Root
            id={checkboxId}
            checked={closePositions}
            onCheckedChange={(checked) => setClosePositions(checked === true)}
            className="grid size-6 shrink-0 place-items-center rounded-sm border border-line-strong bg-raised data-[state=checked]:border-accent data-[state=checked]:bg-accent data-[state=checked]:text-on-accent"
          >
            <Checkbox.Indicator>
              <Check aria-hidden className="size-4" strokeWidth={3} />
            </Checkbox.Indicator>
          </Checkbox.Root>
          <span className="text-sm">Also sell every position at the market</span>
        </label>
      </ConfirmDialog>
    </>
  );
}

function ResumeTrading() {
  const { workspace } = useWorkspace();
  const { trpc, onSettled, onError } = useChange();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const isOnline = useIsOnline();
  const resume = useMutation(
    trpc.risk.setTradingState.mutationOptions({ onSettled, onSuccess: () => setOpen(false), onError: onError("Still stopped") }),
  );
  return (
    <>
      <Trigger label="Let trading go on" tone="text-accent-text" disabled={!isOnline} onClick={() => setOpen(true)}>
        <Play aria-hidden className="size-5" />
      </Trigger>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title="Let trading go on?"
        description="Orders are sent again. Stops that were reached meanwhile sell at the market within half a minute."
        confirmLabel="Go on"
        cancelLabel="Stay stopped"
        busy={resume.isPending}
        blocked={!isOnline || reason.trim() === ""}
        onConfirm={() =>
          resume.mutate({ workspaceId: workspace.id, from: workspace.tradingState, state: "ACTIVE", reason: reason.trim() })
        }
      >
        <TextField
          className="mt-4"
          label="Reason"
          hint="Kept with the change."
          maxLength={200}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </ConfirmDialog>
    </>
  );
}

interface TriggerProps {
  readonly label: string;
  readonly tone: string;
  readonly disabled: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function Trigger({ label, tone, disabled, onClick, children }: TriggerProps) {
  return (
    <Button variant="quiet" size="icon" aria-label={label} title={label} disabled={disabled} onClick={onClick} className={tone}>
      {children}
    </Button>
  );
}
