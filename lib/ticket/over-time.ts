import { readTyped } from "#lib/format/decimal.ts";
import { durationWords } from "#lib/format/time.ts";
import type { OverTimeInput } from "#lib/contracts/twap.ts";
import { TWAP_MS_MAX, TWAP_MS_MIN, TWAP_SLICES_MAX, TWAP_SLICES_MIN } from "#server/domain/twap/schedule.ts";

const MS_PER_MINUTE = 60_000;

/** As typed: a duration in minutes and a number of parts. */
export interface OverTimeDraft {
  readonly minutesText: string;
  readonly partsText: string;
}

export interface ReadOverTime {
  /** Null while something is missing or wrong. */
  readonly overTime: OverTimeInput | null;
  readonly minutesProblem: string | null;
  readonly partsProblem: string | null;
}

function readMinutes(text: string): { readonly durationMs: number | null; readonly problem: string | null } {
  if (text.trim() === "") return { durationMs: null, problem: null };
  const durationMs = readTyped(text)?.times(MS_PER_MINUTE).round().toNumber() ?? null;
  if (durationMs === null) return { durationMs: null, problem: "Enter a number of minutes." };
  if (durationMs < TWAP_MS_MIN) return { durationMs: null, problem: `Not less than ${durationWords(TWAP_MS_MIN)}.` };
  if (durationMs > TWAP_MS_MAX) return { durationMs: null, problem: `Not more than ${durationWords(TWAP_MS_MAX)}.` };
  return { durationMs, problem: null };
}

function readParts(text: string): { readonly slices: number | null; readonly problem: string | null } {
  if (text.trim() === "") return { slices: null, problem: null };
  const slices = /^\d{1,4}$/.test(text.trim()) ? Number(text) : null;
  if (slices === null || slices < TWAP_SLICES_MIN || slices > TWAP_SLICES_MAX) {
    return { slices: null, problem: `A whole number from ${TWAP_SLICES_MIN} to ${TWAP_SLICES_MAX}.` };
  }
  return { slices, problem: null };
}

/** Reads what was typed about the schedule. */
export function readOverTime({ minutesText, partsText }: OverTimeDraft): ReadOverTime {
  const { durationMs, problem: minutesProblem } = readMinutes(minutesText);
  const { slices, problem: partsProblem } = readParts(partsText);
  const overTime = durationMs === null || slices === null ? null : { slices, durationMs };
  return { overTime, minutesProblem, partsProblem };
}
