import { Signed } from "#components/numbers/signed.tsx";
import { formatPrice } from "#lib/format/number.ts";
import { distanceWords } from "#lib/sentences/triggers.ts";
import type { LevelView } from "#lib/ticket/protection.ts";

/** What selling at the level makes; nothing while it is not known. */
function Outcome({ pnl, quote }: { pnl: string | null; quote: string }) {
  if (pnl === null) return null;
  return (
    <span className="flex items-center gap-1.5">
      P&L there <Signed value={pnl} asset={quote} className="font-medium" />
    </span>
  );
}

const LINE = "flex min-h-4 flex-wrap items-center justify-between gap-x-3";

interface LevelNoteProps {
  readonly level: LevelView | null;
  /** What the distance is measured from, such as "the best bid". */
  readonly name: string;
  readonly quote: string;
  readonly empty: string;
}

/** Beneath a price: how far away it is and what selling there makes. */
export function LevelNote({ level, name, quote, empty }: LevelNoteProps) {
  if (level === null) return <span>{empty}</span>;
  const distance = distanceWords(level.distance);
  return (
    <span className={LINE}>
      <span className="num">{distance === null ? "Distance not known" : `${distance} ${name}`}</span>
      <Outcome pnl={level.pnl} quote={quote} />
    </span>
  );
}

/** Beneath a trailing distance: where the stop would begin. */
export function TrailNote({ level, quote, tick }: { level: LevelView | null; quote: string; tick: string }) {
  if (level === null) return <span>It rises with the market and never falls</span>;
  return (
    <span className={LINE}>
      <span className="num">
        Begins at {formatPrice(level.price, tick)} {quote} and only rises
      </span>
      <Outcome pnl={level.pnl} quote={quote} />
    </span>
  );
}
