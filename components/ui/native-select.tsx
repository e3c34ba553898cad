import { ChevronDown } from "lucide-react";
import type { ComponentProps } from "react";
import { Field, CONTROL_CLASSES } from "#components/ui/field.tsx";
import { cn } from "#lib/format/class-names.ts";

interface NativeSelectProps extends Omit<ComponentProps<"select">, "id" | "className" | "onChange"> {
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string; readonly disabled?: boolean }[];
  readonly onValueChange: (value: string) => void;
  readonly hint?: string;
}

/** The platform's own select: on a phone nothing beats its wheel. */
export function NativeSelect({ label, options, onValueChange, hint, ...select }: NativeSelectProps) {
  return (
    <Field label={label} hint={hint}>
      {(control) => (
        <div className="relative">
          <select
            {...select}
            {...control}
            onChange={(event) => onValueChange(event.target.value)}
            className={cn(CONTROL_CLASSES, "appearance-none truncate pr-10")}
          >
            {options.map((option) => (
              <option key={option.value} value={option.value} disabled={option.disabled}>
                {option.label}
              </option>
            ))}
          </select>
          <ChevronDown aria-hidden className="pointer-events-none absolute right-3 top-1/2 size-4 -translate-y-1/2 text-muted" />
        </div>
      )}
    </Field>
  );
}
