"use client";

import { createColumnHelper } from "@tanstack/react-table";
import Link from "next/link";
import { type ReactNode, useMemo } from "react";
import { type PositionActions, ProtectButton } from "./protect-button.tsx";
import { Age } from "#components/numbers/age.tsx";
import { Signed } from "#components/numbers/signed.tsx";
import { Button } from "#components/ui/button.tsx";
import { DataTable, type TABLE_FEATURES } from "#components/ui/data-table.tsx";
import { formatMoney, formatPercent, formatPrice, formatQuantity } from "#lib/format/number.ts";
import { venueName } from "#lib/sentences/venues.ts";
import type { LivePosition } from "#lib/ticket/position.ts";

const helper = createColumnHelper<typeof TABLE_FEATURES, LivePosition>();
const NUMERIC: ReadonlySet<string> = new Set(["quantity", "price", "value", "pnl", "actions"]);

/** A number and, smaller, what belongs to it: columns for both would not leave room for the actions. */
function Stacked({ below, children }: { below: string; children: ReactNode }) {
  return (
    <span className="flex flex-col items-end">
      {children}
      <span className="text-xs text-muted">{below}</span>
    </span>
  );
}

function createColumns({ onClose, onProtect, coverageOf }: PositionActions) {
  return helper.columns([
    helper.display({
      id: "symbol",
      header: "Position",
      cell: ({ row: { original: live } }) => (
        <span className="block whitespace-nowrap">
          <Link
            href={`/positions/${live.position.venueAccountId}/${live.position.symbol.replace("/", "-")}`}
            className="block font-medium hover:underline"
          >
            {live.position.symbol}
          </Link>
          <span className="block text-xs text-muted">{venueName(live.position.venue)}</span>
        </span>
      ),
    }),
    helper.display({
      id: "quantity",
      header: "Quantity",
      cell: ({ row: { original: live } }) => (
        <Stacked below={`at ${formatPrice(live.position.averagePrice)}`}>{formatQuantity(live.position.quantity)}</Stacked>
      ),
    }),
    helper.display({
      id: "price",
      header: "Price",
      cell: ({ row: { original: live } }) => (
        <span className="flex flex-col items-end">
          {formatPrice(live.price)}
          <Age at={live.priceAt} />
        </span>
      ),
    }),
    helper.display({
      id: "value",
      header: "Value",
      cell: ({ row: { original: live } }) => formatMoney(live.value, live.position.symbol.split("/")[1]),
    }),
    helper.display({
      id: "pnl",
      header: "P&L",
      cell: ({ row: { original: live } }) => (
        <Stacked below={live.fraction === null ? "" : formatPercent(live.fraction, "always")}>
          <Signed value={live.unrealisedPnl} asset={live.position.symbol.split("/")[1] ?? ""} className="font-medium" />
        </Stacked>
      ),
    }),
    helper.display({
      id: "actions",
      header: () => <span className="sr-only">Actions</span>,
      cell: ({ row: { original: live } }) => (
        <span className="flex items-center justify-end gap-2">
          <ProtectButton live={live} coverage={coverageOf(live)} onProtect={onProtect} />
          <Button
            size="sm"
            onClick={() => onClose(live)}
            aria-label={`Close ${live.position.symbol} on ${venueName(live.position.venue)}`}
          >
            Close
          </Button>
        </span>
      ),
    }),
  ]);
}

interface PositionsTableProps extends PositionActions {
  readonly positions: readonly LivePosition[];
  readonly renderDetail: (live: LivePosition) => ReactNode;
}

export function PositionsTable({ positions, renderDetail, onClose, onProtect, coverageOf }: PositionsTableProps) {
  const columns = useMemo(() => createColumns({ onClose, onProtect, coverageOf }), [onClose, onProtect, coverageOf]);
  return (
    <DataTable
      label="Positions"
      columns={columns}
      rows={positions}
      getRowId={({ position }) => `${position.venueAccountId} ${position.symbol}`}
      numeric={NUMERIC}
      renderDetail={renderDetail}
    />
  );
}
