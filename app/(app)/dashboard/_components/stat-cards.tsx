import type { ReactNode } from "react";
import { Signed } from "#components/numbers/signed.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import type { DashboardDto } from "#lib/contracts/trade.ts";
import { formatMoney, formatPercent } from "#lib/format/number.ts";
import { addText, type LivePosition, liveGain } from "#lib/ticket/position.ts";

const GRID = "grid grid-cols-2 overflow-hidden rounded-md border border-line bg-surface lg:grid-cols-4";

interface StatProps {
  readonly label: string;
  readonly note: ReactNode;
  readonly children: ReactNode;
}

function Stat({ label, note, children }: StatProps) {
  return (
    <div className="min-w-0 border-line p-4 max-lg:odd:border-r max-lg:nth-[n+3]:border-t lg:not-last:border-r">
      <dt className="truncate text-xs text-muted">{label}</dt>
      <dd className="mt-1">
        <span className="num flex h-7 items-center text-lg font-semibold">{children}</span>
        <span className="num block h-4 truncate text-xs text-muted">{note}</span>
      </dd>
    </div>
  );
}

/** A total that leaves something out says so. */
function equityNote({ unpriced }: DashboardDto): ReactNode {
  if (unpriced.length === 0) return "all balances, in USD";
  return <span className="text-warn">without {unpriced.join(", ")}: not priced</span>;
}

/** The four numbers of the ten-second look. Totals are the server's, moved along by live prices in between. */
export function StatCards({ data, positions }: { data: DashboardDto; positions: readonly LivePosition[] }) {
  const gain = liveGain(positions.filter((live) => live.position.mode === data.mode));
  const open = positions.filter((live) => !live.position.isDust).length;
  const fills = data.fillsToday === 1 ? "1 fill" : `${data.fillsToday} fills`;
  const wins = data.winRateToday === null ? "" : `, ${formatPercent(data.winRateToday, "auto", 0)} won`;
  return (
    <dl aria-label="Summary" className={GRID}>
      <Stat label="Equity" note={equityNote(data)}>
        {formatMoney(addText(data.equity, gain))}
      </Stat>
      <Stat label="Today's P&L" note={`${fills}${wins}`}>
        <Signed value={data.todayRealisedPnl} />
      </Stat>
      <Stat label="Unrealised P&L" note={open === 1 ? "1 open position" : `${open} open positions`}>
        <Signed value={addText(data.unrealisedPnl, gain)} />
      </Stat>
      <Stat label="All-time P&L" note="realised, after fees">
        <Signed value={data.allTimeRealisedPnl} />
      </Stat>
    </dl>
  );
}

export function StatCardsSkeleton() {
  return (
    <div role="status" aria-label="Reading the summary" className={GRID}>
      {["equity", "today", "unrealised", "all"].map((name) => (
        <div key={name} className="border-line p-4 max-lg:odd:border-r max-lg:nth-[n+3]:border-t lg:not-last:border-r">
          <Skeleton className="h-4 w-16" />
          <Skeleton className="mt-1 h-7 w-28" />
          <Skeleton className="mt-0.5 h-3.5 w-20" />
        </div>
      ))}
    </div>
  );
}
