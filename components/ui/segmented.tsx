"use client";

import { ToggleGroup } from "radix-ui";
import { cn } from "#lib/format/class-names.ts";

interface SegmentedProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly onValueChange: (value: Value) => void;
  readonly options: readonly { readonly value: Value; readonly label: string; readonly tone?: "gain" | "loss" }[];
  readonly className?: string;
  readonly disabled?: boolean;
}

const SELECTED = {
  plain: "data-[state=on]:bg-hover data-[state=on]:text-text data-[state=on]:shadow-[inset_0_0_0_1px_var(--line-strong)]",
  gain: "data-[state=on]:bg-gain data-[state=on]:text-on-gain",
  loss: "data-[state=on]:bg-loss data-[state=on]:text-on-loss",
} as const;

/** A choice of a few, all visible; always exactly one is chosen. Each item is a radio for assistive technology. */
export function Segmented<Value extends string>({
  label,
  value,
  onValueChange,
  options,
  className,
  disabled,
}: SegmentedProps<Value>) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      disabled={disabled ?? false}
      onValueChange={(next) => {
        const chosen = options.find((option) => option.value === next);
        if (chosen !== undefined) onValueChange(chosen.value);
      }}
      className={cn("flex gap-1 rounded-md border border-line bg-surface p-1", className)}
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          className={cn(
            "h-11 min-w-0 flex-1 truncate rounded-sm px-3 text-sm font-medium text-muted transition-colors duration-150 md:h-9",
            "hover:text-text disabled:opacity-50",
            SELECTED[option.tone ?? "plain"],
          )}
        >
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
