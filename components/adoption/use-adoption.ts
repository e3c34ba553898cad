"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { v7 as uuidV7 } from "uuid";
import { useTRPC, useTRPCClient } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import type { AdoptionDto, AdoptPositionInput, ReleasePositionInput } from "#lib/contracts/position.ts";
import { readAppError, type ScreenError, type ScreenErrorCode } from "#lib/errors/app-error.ts";
import { placeOutcome } from "#lib/intent/place-outcome.ts";

/** Answers about the terms themselves: whatever was sent before under this id, nothing of it is there. */
const SETTLING: ReadonlySet<ScreenErrorCode> = new Set<ScreenErrorCode>(["ADOPTION_REFUSED", "NOT_FOUND"]);

type Sent =
  | { readonly kind: "adopt"; readonly input: AdoptPositionInput }
  | { readonly kind: "release"; readonly input: ReleasePositionInput };

interface UseAdoption {
  readonly adopt: (terms: Omit<AdoptPositionInput, "workspaceId" | "adoptionId">) => void;
  readonly release: (terms: Omit<ReleasePositionInput, "workspaceId" | "adoptionId">) => void;
  /** Sends again what has had no answer. */
  readonly repeat: () => void;
  readonly isSending: boolean;
  /** Why nothing was done. */
  readonly refused: ScreenError | null;
  /** Sent without an answer: it may have had its effect, so only the very same may be sent again. */
  readonly isUnknown: boolean;
}

/** Adopts or releases under one id per opened form, so that a repeat has no second effect. */
export function useAdoption(onDone: (done: AdoptionDto) => void): UseAdoption {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queryClient = useQueryClient();
  const { workspace } = useWorkspace();
  const [adoptionId] = useState(() => uuidV7());
  const [sent, setSent] = useState<Sent | null>(null);
  const [refused, setRefused] = useState<ScreenError | null>(null);
  const send = useMutation({
    mutationFn: (asked: Sent) =>
      asked.kind === "adopt" ? client.trade.adoptPosition.mutate(asked.input) : client.trade.releasePosition.mutate(asked.input),
    onSettled: () =>
      Promise.all(
        [trpc.venue.get, trpc.trade.position, trpc.trade.positions, trpc.trade.dashboard].map((query) =>
          queryClient.invalidateQueries({ queryKey: query.pathKey() }),
        ),
      ),
    onSuccess: onDone,
    onError: (error, asked) => {
      const read = readAppError(error);
      const isRefused = SETTLING.has(read.code) || placeOutcome(read.code, sent !== null) === "refused";
      setSent(isRefused ? null : asked);
      setRefused(isRefused ? read : null);
    },
  });
  const first = (asked: Sent): void => {
    if (!send.isPending && sent === null) send.mutate(asked);
  };
  const ids = { workspaceId: workspace.id, adoptionId };
  return {
    adopt: (terms) => first({ kind: "adopt", input: { ...terms, ...ids } }),
    release: (terms) => first({ kind: "release", input: { ...terms, ...ids } }),
    repeat: () => {
      if (!send.isPending && sent !== null) send.mutate(sent);
    },
    isSending: send.isPending,
    refused,
    isUnknown: sent !== null,
  };
}
