"use client";

import { Search } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useId, useMemo, useState } from "react";
import { CONTROL_CLASSES, Field } from "#components/ui/field.tsx";
import { cn } from "#lib/format/class-names.ts";

interface SymbolFieldProps {
  readonly symbols: readonly string[];
  readonly value: string | null;
  readonly onValueChange: (symbol: string | null) => void;
  readonly hint: ReactNode;
}

const SHOWN_MAX = 30;

function matching(symbols: readonly string[], text: string): readonly string[] {
  const wanted = text.toUpperCase().replace(/[^A-Z0-9]/g, "");
  const starts = symbols.filter((symbol) => symbol.replace("/", "").startsWith(wanted));
  const holds = symbols.filter((symbol) => symbol.replace("/", "").includes(wanted) && !starts.includes(symbol));
  return [...starts, ...holds].slice(0, SHOWN_MAX);
}

/** A search box over the markets; typing a whole symbol chooses it, as does a click or Enter on a suggestion. */
export function SymbolField({ symbols, value, onValueChange, hint }: SymbolFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const listId = useId();
  const found = useMemo(() => matching(symbols, typed ?? ""), [symbols, typed]);

  function choose(symbol: string): void {
    onValueChange(symbol);
    setTyped(null);
    setOpen(false);
  }

  function type(text: string): void {
    setTyped(text);
    setOpen(true);
    setActive(0);
    const whole = text.trim().toUpperCase();
    if (symbols.includes(whole)) onValueChange(whole);
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    const chosen = found[active];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      setActive((now) => Math.max(0, Math.min(found.length - 1, now + (event.key === "ArrowDown" ? 1 : -1))));
    } else if (event.key === "Enter" && open && chosen !== undefined) {
      event.preventDefault();
      choose(chosen);
    } else if (event.key === "Escape") {
      setTyped(null);
      setOpen(false);
    }
  }

  return (
    <Field label="Symbol" hint={hint} error={open && found.length === 0 ? "No connected venue lists this." : null}>
      {(control) => (
        <div className="relative">
          <Search aria-hidden className="pointer-events-none absolute left-3 top-1/2 size-4 -translate-y-1/2 text-muted" />
          <input
            {...control}
            role="combobox"
            aria-expanded={open && found.length > 0}
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={open ? `${listId}-${active}` : undefined}
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            placeholder={value ?? "Search, e.g. BTC/USDT"}
            value={typed ?? value ?? ""}
            onChange={(event) => type(event.target.value)}
            onFocus={() => {
              setTyped("");
              setOpen(true);
            }}
            onBlur={() => {
              setTyped(null);
              setOpen(false);
            }}
            onKeyDown={onKeyDown}
            className={cn(CONTROL_CLASSES, "pl-10 font-semibold placeholder:font-normal")}
          />
          {open && found.length > 0 ? (
            <div
              id={listId}
              role="listbox"
              aria-label="Markets"
              className="fade-in absolute inset-x-0 top-full z-30 mt-1 max-h-72 overflow-y-auto rounded-md border border-line bg-raised p-1 shadow-lg"
            >
              {found.map((symbol, index) => (
                <button
                  key={symbol}
                  type="button"
                  tabIndex={-1}
                  id={`${listId}-${index}`}
                  role="option"
                  aria-selected={symbol === value}
                  onPointerDown={(event) => event.preventDefault()}
                  onClick={() => choose(symbol)}
                  className={cn(
                    "flex h-11 w-full items-center rounded-sm px-3 font-medium",
                    index === active && "bg-hover",
                    symbol === value && "text-accent-text",
                  )}
                >
                  {symbol}
                </button>
              ))}
            </div>
          ) : null}
        </div>
      )}
    </Field>
  );
}
