import { v7 as uuidV7 } from "uuid";
import { z } from "zod";
import { type PlaceIntentInput, placeIntentInput } from "#lib/contracts/trade.ts";

/** What the person has reviewed. `sent` is set before the first call, so that a reload knows that an effect is possible. */
export interface ArmedIntent {
  readonly input: PlaceIntentInput;
  readonly sent: boolean;
}

/** The part of `sessionStorage` that is used; given so that tests need no browser. */
export type IntentStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const stored = z.object({ input: placeIntentInput, sent: z.boolean() });

function keyOf(workspaceId: string, slot: string): string {
  return `nija.intent.${workspaceId}.${slot}`;
}

/** Mints the id with which the order will be sent, once per reviewed order. */
export function armIntent(terms: Omit<PlaceIntentInput, "intentId">): ArmedIntent {
  return { input: { ...terms, intentId: uuidV7() }, sent: false };
}

/**
 * Remembers the intent until its answer is final. INVARIANT: this happens before the call, so that after a reload the same id is
 * sent again and never a new one for the same wish.
 */
export function keepIntent(storage: IntentStorage, slot: string, armed: ArmedIntent): void {
  storage.setItem(keyOf(armed.input.workspaceId, slot), JSON.stringify(armed));
}

export function forgetIntent(storage: IntentStorage, workspaceId: string, slot: string): void {
  storage.removeItem(keyOf(workspaceId, slot));
}

/** The intent that was sent and not answered before a reload. One that was only reviewed is dropped: nobody confirmed it. */
export function recallSentIntent(storage: IntentStorage, workspaceId: string, slot: string): ArmedIntent | null {
  const text = storage.getItem(keyOf(workspaceId, slot));
  if (text === null) return null;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = null;
  }
  const parsed = stored.safeParse(json);
  if (parsed.success && parsed.data.sent) return parsed.data;
  storage.removeItem(keyOf(workspaceId, slot));
  return null;
}
