import { Badge } from "#components/ui/badge.tsx";
import { Card } from "#components/ui/card.tsx";
import type { ComparedBalanceDto, ReconciliationDetailDto } from "#lib/contracts/reconcile.ts";
import { signOf } from "#lib/format/number.ts";
import { nameOfDifference } from "#lib/sentences/reconcile.ts";

/** Ledger and venue, asset by asset and to the last unit; a difference has its name beneath. */
export function BalancesTable({ run }: { run: ReconciliationDetailDto }) {
  if (run.outcome !== "OK") return null;
  if (run.balances === null) {
    return (
      <Card title="Balances">
        <p className="text-sm text-muted">
          Not compared this time: an order or a fill was on its way, and its money would have counted twice.
        </p>
      </Card>
    );
  }
  return (
    <Card title="Balances" bodyClassName="p-0">
      <table aria-label="Balances" className="w-full table-fixed text-sm">
        <thead>
          <tr className="border-b border-line text-xs text-muted">
            <th scope="col" className="h-10 w-1/5 px-4 text-left font-medium">
              Asset
            </th>
            <th scope="col" className="px-2 text-right font-medium">
              Ledger
            </th>
            <th scope="col" className="px-2 pr-4 text-right font-medium">
              Venue
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {run.balances.map((row) => (
            <Balance key={row.asset} row={row} />
          ))}
        </tbody>
      </table>
      {run.balancesLeftOut === 0 ? null : (
        <p className="border-t border-line px-4 py-3 text-xs text-muted">and {run.balancesLeftOut} more without a difference</p>
      )}
    </Card>
  );
}

function Balance({ row }: { row: ComparedBalanceDto }) {
  const differs = signOf(row.difference) !== 0;
  return (
    <tr className="align-top">
      <th scope="row" className="px-4 py-3 text-left font-medium">
        {row.asset}
      </th>
      <td className="num break-all px-2 py-3 text-right">{row.ledger}</td>
      <td className="num break-all px-2 py-3 pr-4 text-right">
        {row.venue}
        {differs ? (
          <span className="mt-1.5 flex flex-col items-end gap-1.5">
            {row.names.map((name) => {
              const { label, tone } = nameOfDifference(name.kind);
              return (
                <span
                  key={`${name.kind} ${name.reference ?? name.amount}`}
                  className="flex flex-wrap items-center justify-end gap-2 text-xs"
                >
                  <span>
                    {signOf(name.amount) > 0 ? "+" : ""}
                    {name.amount}
                  </span>
                  <Badge tone={tone}>{label}</Badge>
                </span>
              );
            })}
          </span>
        ) : null}
      </td>
    </tr>
  );
}
