import type { OverTimeInput, TwapDto } from "#lib/contracts/twap.ts";
import { durationWords } from "#lib/format/time.ts";
import type { Tone } from "#lib/sentences/orders.ts";
import type { TwapState } from "#server/domain/twap/schedule.ts";

interface StateWords {
  readonly label: string;
  readonly tone: Tone;
  readonly sentence: string;
}

export const TWAP_STATE_WORDS: Readonly<Record<TwapState, StateWords>> = {
  ACTIVE: { label: "Running", tone: "progress", sentence: "Parts are placed as their time comes." },
  PAUSED: {
    label: "Paused",
    tone: "warn",
    sentence: "No part is placed until it goes on. The end moves by as long as the pause takes.",
  },
  DONE: { label: "Done", tone: "good", sentence: "All of it is filled." },
  ENDED: { label: "Time over", tone: "warn", sentence: "Its time is over before all of it was filled." },
  CANCELED: { label: "Canceled", tone: "neutral", sentence: "Canceled. What was filled before stays filled." },
};

/** "over 10 minutes in 12 parts" */
export function scheduleWords({ slices, durationMs }: OverTimeInput): string {
  return `over ${durationWords(durationMs)} in ${slices} parts`;
}

/** "one about every 50 seconds" */
export function paceWords({ slices, durationMs }: OverTimeInput): string {
  return `one about every ${durationWords(durationMs / slices)}`;
}

/** "bought" or "sold" */
export function doneWord(side: TwapDto["side"]): string {
  return side === "BUY" ? "bought" : "sold";
}

/** Running or paused: it can be changed. */
export function isRunning({ state }: Pick<TwapDto, "state">): boolean {
  return state === "ACTIVE" || state === "PAUSED";
}
