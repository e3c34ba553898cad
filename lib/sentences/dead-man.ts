import type { DeadManDto } from "#lib/contracts/account.ts";
import type { DeadManSeconds } from "#server/domain/protection/dead-man.ts";

/** What an owner can choose from. */
export const DEAD_MAN_CHOICES = [
  { value: "off", label: "Off", seconds: null },
  { value: "30", label: "30 s", seconds: 30 },
  { value: "60", label: "1 min", seconds: 60 },
  { value: "120", label: "2 min", seconds: 120 },
] as const satisfies readonly { readonly value: string; readonly label: string; readonly seconds: DeadManSeconds | null }[];

/** The time in words; "Off" for none. */
export function deadManWords(seconds: number | null): string {
  if (seconds === null) return "Off";
  if (seconds < 60) return `${seconds} seconds`;
  return seconds === 60 ? "one minute" : `${seconds / 60} minutes`;
}

/** How the switch stands now, in one line. */
export function deadManStanding({ seconds, armedUntil, heldBack, problem }: DeadManDto, venue: string): string {
  if (problem !== "") return `${venue} did not do it: ${problem}`;
  if (seconds === null) return armedUntil === null ? "Orders stay open at the venue." : "Being switched off.";
  if (armedUntil !== null) return `On: after ${deadManWords(seconds)} of silence all open orders go.`;
  return heldBack
    ? "Held back: an exit rests there, and would be canceled too."
    : "Stands by: no order of yours waits there to be filled.";
}
