"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { v7 as uuidV7 } from "uuid";
import { useTRPC } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import type { ProtectPositionInput } from "#lib/contracts/triggers.ts";
import { readAppError, type ScreenError, type ScreenErrorCode } from "#lib/errors/app-error.ts";
import { placeOutcome } from "#lib/intent/place-outcome.ts";

/** Answers about the levels themselves: whatever was sent before under this id, nothing of it is there. */
const SETTLING: ReadonlySet<ScreenErrorCode> = new Set<ScreenErrorCode>(["TRIGGER_REFUSED", "NOT_FOUND"]);

interface Protect {
  readonly send: (levels: Omit<ProtectPositionInput, "workspaceId" | "groupId">) => void;
  /** Sends again what has had no answer. */
  readonly repeat: () => void;
  readonly isSending: boolean;
  /** Why nothing was set. */
  readonly refused: ScreenError | null;
  /** Sent without an answer: it may have had its effect, so only the very same may be sent again. */
  readonly isUnknown: boolean;
}

/** Sets stops and targets under one group id per opened form, so that a repeat has no second effect. */
export function useProtect(onSet: () => void): Protect {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { workspace } = useWorkspace();
  const [groupId] = useState(() => uuidV7());
  const [sent, setSent] = useState<ProtectPositionInput | null>(null);
  const [refused, setRefused] = useState<ScreenError | null>(null);
  const protect = useMutation(
    trpc.trade.protect.mutationOptions({
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.trade.triggers.pathKey() }),
      onSuccess: onSet,
      onError: (error, input) => {
        const read = readAppError(error);
        const isRefused = SETTLING.has(read.code) || placeOutcome(read.code, sent !== null) === "refused";
        setSent(isRefused ? null : input);
        setRefused(isRefused ? read : null);
      },
    }),
  );
  return {
    send: (levels) => {
      if (!protect.isPending && sent === null) protect.mutate({ ...levels, workspaceId: workspace.id, groupId });
    },
    repeat: () => {
      if (!protect.isPending && sent !== null) protect.mutate(sent);
    },
    isSending: protect.isPending,
    refused,
    isUnknown: sent !== null,
  };
}
