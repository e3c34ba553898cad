"use client";

import { Copy } from "lucide-react";
import { toast } from "sonner";
import { UNKNOWN_TEXT } from "#lib/format/number.ts";

/** An id that can be copied; a dash while there is none. */
export function Copyable({ label, value }: { label: string; value: string | null }) {
  async function copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      toast.success(`${label} copied`);
    } catch {
      toast.error("Copying is not allowed here. Select the text instead.");
    }
  }
  return (
    <div className="flex min-h-11 items-center justify-between gap-4 md:min-h-8">
      <dt className="shrink-0 text-muted">{label}</dt>
      <dd className="flex min-w-0 items-center gap-1">
        <span className="num truncate">{value ?? UNKNOWN_TEXT}</span>
        {value === null ? null : (
          <button
            type="button"
            aria-label={`Copy ${label.toLowerCase()}`}
            onClick={() => void copy(value)}
            className="grid size-11 shrink-0 place-items-center rounded-sm text-muted hover:bg-hover hover:text-text md:size-8"
          >
            <Copy aria-hidden className="size-3.5" />
          </button>
        )}
      </dd>
    </div>
  );
}
