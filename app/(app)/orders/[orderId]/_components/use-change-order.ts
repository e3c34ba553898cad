"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { v7 as uuidV7 } from "uuid";
import { useTRPC } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import type { ReplaceOrderInput } from "#lib/contracts/replace.ts";
import { readAppError, type ScreenErrorCode } from "#lib/errors/app-error.ts";
import { placeOutcome } from "#lib/intent/place-outcome.ts";
import { describeDenial } from "#lib/sentences/denials.ts";

/** Answers about the order itself: whatever was sent before under this id, nothing of it is there. */
const SETTLING: ReadonlySet<ScreenErrorCode> = new Set<ScreenErrorCode>(["NOT_FOUND", "ORDER_NOT_REPLACEABLE"]);

interface ChangeOrder {
  readonly send: (terms: Pick<ReplaceOrderInput, "quantity" | "limitPrice">) => void;
  /** Sends again what has had no answer. */
  readonly repeat: () => void;
  readonly isSending: boolean;
  /** Why nothing was changed. */
  readonly refused: string | null;
  /** Sent without an answer: it may have had its effect, so only the very same may be sent again. */
  readonly isUnknown: boolean;
}

/** Asks for a change under one id per attempt, so that a repeat has no second effect. What was refused is asked anew under another id. */
export function useChangeOrder(orderId: string, onAccepted: () => void): ChangeOrder {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { workspace } = useWorkspace();
  const [sent, setSent] = useState<ReplaceOrderInput | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const change = useMutation(
    trpc.trade.replaceOrder.mutationOptions({
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.trade.getOrder.pathKey() }),
      onSuccess: ({ state, denialCode, denialDetails }) => {
        setSent(null);
        if (state === "ACCEPTED") onAccepted();
        else setRefused(describeDenial(denialCode ?? "", denialDetails));
      },
      onError: (error, input) => {
        const { code, sentence } = readAppError(error);
        const isRefused = SETTLING.has(code) || placeOutcome(code, sent !== null) === "refused";
        setSent(isRefused ? null : input);
        setRefused(isRefused ? sentence : null);
      },
    }),
  );
  return {
    send: (terms) => {
      if (change.isPending || sent !== null) return;
      setRefused(null);
      change.mutate({ ...terms, workspaceId: workspace.id, orderId, replacementId: uuidV7() });
    },
    repeat: () => {
      if (!change.isPending && sent !== null) change.mutate(sent);
    },
    isSending: change.isPending,
    refused,
    isUnknown: sent !== null,
  };
}
