"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { useTRPCClient } from "#components/data/trpc.tsx";
import type { PlaceIntentInput, PlaceIntentResult } from "#lib/contracts/trade.ts";
import { readAppError, type ScreenError } from "#lib/errors/app-error.ts";
import { type ArmedIntent, armIntent, forgetIntent, keepIntent, recallSentIntent } from "#lib/intent/armed-intent.ts";
import { nextAskMs, placeOutcome } from "#lib/intent/place-outcome.ts";

/** `checking`: sent, no answer yet known; the same id is being sent again until there is one. */
export type PlaceStatus =
  | { readonly step: "idle" }
  | { readonly step: "armed"; readonly input: PlaceIntentInput }
  | { readonly step: "sending" | "checking"; readonly input: PlaceIntentInput }
  | { readonly step: "done"; readonly result: PlaceIntentResult }
  | { readonly step: "refused"; readonly error: ScreenError };

interface PlaceIntent {
  readonly status: PlaceStatus;
  /** Mints the id for reviewed terms. */
  readonly arm: (terms: Omit<PlaceIntentInput, "intentId">) => void;
  readonly disarm: () => void;
  /** Sends what is armed. */
  readonly place: () => void;
  /** Arms and sends in one step, where the question was asked before. A second call while one is on its way does nothing. */
  readonly placeNow: (terms: Omit<PlaceIntentInput, "intentId">) => void;
}

const IDLE: PlaceStatus = { step: "idle" };

/** Waits, but no longer than until the browser is online again: the person is waiting too. */
function untilNextAsk(waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, waitMs);
    window.addEventListener("online", done);
  });
}

/**
 * Sends one intent and follows it until its answer is final. `slot` names the place that asks (the ticket, or one position), so
 * that each remembers its own unanswered intent.
 */
export function usePlaceIntent(workspaceId: string, slot: string): PlaceIntent {
  const client = useTRPCClient();
  const [status, setStatus] = useState<PlaceStatus>(IDLE);
  const armed = useRef<ArmedIntent | null>(null);
  const isSending = useRef(false);

  const send = useCallback(
    async (intent: ArmedIntent, isRepeat: boolean): Promise<void> => {
      // A double click calls twice before the button is disabled; the id would protect us, and this spares the call.
      if (isSending.current) return;
      isSending.current = true;
      const sent: ArmedIntent = { ...intent, sent: true };
      armed.current = sent;
      keepIntent(sessionStorage, slot, sent);
      setStatus({ step: isRepeat ? "checking" : "sending", input: sent.input });
      for (let attempts = 1, isUnknown = isRepeat; ; attempts += 1) {
        try {
          const result = await client.trade.place.mutate(sent.input);
          forgetIntent(sessionStorage, workspaceId, slot);
          setStatus({ step: "done", result });
          break;
        } catch (error) {
          const refusal = readAppError(error);
          if (placeOutcome(refusal.code, isUnknown) === "refused") {
            forgetIntent(sessionStorage, workspaceId, slot);
            setStatus({ step: "refused", error: refusal });
            break;
          }
          isUnknown = true;
          setStatus({ step: "checking", input: sent.input });
          await untilNextAsk(nextAskMs(attempts));
        }
      }
      armed.current = null;
      isSending.current = false;
    },
    [client, slot, workspaceId],
  );

  useEffect(() => {
    const unanswered = recallSentIntent(sessionStorage, workspaceId, slot);
    // After the effect, since sending starts by showing that it does.
    if (unanswered !== null) queueMicrotask(() => void send(unanswered, true));
  }, [send, workspaceId, slot]);

  return {
    status,
    arm: (terms) => {
      if (isSending.current) return;
      const intent = armIntent(terms);
      armed.current = intent;
      setStatus({ step: "armed", input: intent.input });
    },
    disarm: () => {
      if (isSending.current) return;
      armed.current = null;
      setStatus(IDLE);
    },
    place: () => {
      if (armed.current !== null) void send(armed.current, false);
    },
    placeNow: (terms) => {
      if (!isSending.current) void send(armIntent(terms), false);
    },
  };
}
