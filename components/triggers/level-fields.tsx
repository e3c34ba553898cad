"use client";

import { LevelNote, TrailNote } from "#components/triggers/level-note.tsx";
import { TextField } from "#components/ui/field.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import { formatPercent } from "#lib/format/number.ts";
import { levelAt, type LevelsDraft, type ReadLevels } from "#lib/ticket/protection.ts";

interface LevelFieldsProps {
  readonly draft: LevelsDraft;
  readonly onChange: (patch: Partial<LevelsDraft>) => void;
  readonly read: ReadLevels;
  /** What levels are measured from, and what it is called. */
  readonly price: string | null;
  readonly priceName: string;
  readonly quote: string;
  readonly tick: string;
  readonly disabled?: boolean;
}

const STOP_KINDS = [
  { value: "PRICE", label: "Stop price" },
  { value: "TRAILING", label: "Trailing stop" },
] as const;

const STOP_SHARES = ["-0.01", "-0.02", "-0.05", "-0.1"] as const;
const TARGET_SHARES = ["0.01", "0.02", "0.05", "0.1"] as const;
const TRAIL_PERCENTS = ["1", "2", "5", "10"] as const;

/** A stop at a price or one that trails, and a target; each says how far away it is and what it would make. */
export function LevelFields({ draft, onChange, read, price, priceName, quote, tick, disabled = false }: LevelFieldsProps) {
  const at = (share: string): string => (price === null ? "" : levelAt(price, share, tick));
  const unit = <span className="px-2 text-xs font-semibold text-muted">{quote}</span>;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-col gap-3">
        <Segmented
          label="Kind of stop"
          value={draft.stopKind}
          onValueChange={(stopKind) => onChange({ stopKind })}
          options={STOP_KINDS}
          disabled={disabled}
        />
        {draft.stopKind === "PRICE" ? (
          <div className="flex flex-col gap-2">
            <TextField
              label="Sell when the price falls to"
              inputMode="decimal"
              autoComplete="off"
              placeholder="No stop"
              value={draft.stopText}
              onChange={(event) => onChange({ stopText: event.target.value })}
              error={read.stopProblem}
              hint={<LevelNote level={read.stop} name={priceName} quote={quote} empty="A price, or a share below the market:" />}
              disabled={disabled}
              suffix={unit}
            />
            <Chips
              label="Stop below the price by"
              options={STOP_SHARES.map((share) => ({ label: formatPercent(share, "always", 0), value: share }))}
              disabled={disabled || price === null}
              onPick={(share) => onChange({ stopText: at(share) })}
            />
          </div>
        ) : (
          <div className="flex flex-col gap-2">
            <TextField
              label="Stay this far below the market"
              inputMode="decimal"
              autoComplete="off"
              placeholder="No stop"
              value={draft.trailText}
              onChange={(event) => onChange({ trailText: event.target.value })}
              error={read.stopProblem}
              hint={<TrailNote level={read.stop} quote={quote} tick={tick} />}
              disabled={disabled}
              suffix={<span className="px-2 text-xs font-semibold text-muted">%</span>}
            />
            <Chips
              label="Trail by"
              options={TRAIL_PERCENTS.map((percent) => ({ label: `${percent}%`, value: percent }))}
              disabled={disabled}
              onPick={(trailText) => onChange({ trailText })}
            />
          </div>
        )}
      </div>
      <div className="flex flex-col gap-2">
        <TextField
          label="Sell when the price rises to"
          inputMode="decimal"
          autoComplete="off"
          placeholder="No target"
          value={draft.targetText}
          onChange={(event) => onChange({ targetText: event.target.value })}
          error={read.targetProblem}
          hint={<LevelNote level={read.target} name={priceName} quote={quote} empty="A price, or a share above the market:" />}
          disabled={disabled}
          aside="Target, optional"
          suffix={unit}
        />
        <Chips
          label="Target above the price by"
          options={TARGET_SHARES.map((share) => ({ label: formatPercent(share, "always", 0), value: share }))}
          disabled={disabled || price === null}
          onPick={(share) => onChange({ targetText: at(share) })}
        />
      </div>
    </div>
  );
}

interface ChipsProps {
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly disabled: boolean;
  readonly onPick: (value: string) => void;
}

/** The usual distances, one touch each. */
function Chips({ label, options, disabled, onPick }: ChipsProps) {
  return (
    <div className="grid grid-cols-4 gap-2" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          disabled={disabled}
          onClick={() => onPick(option.value)}
          className="num h-11 rounded-sm border border-line text-xs font-medium text-muted transition-colors duration-150 hover:border-line-strong hover:text-text disabled:opacity-45 md:h-8"
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
