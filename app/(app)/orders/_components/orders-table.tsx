"use client";

import { createColumnHelper } from "@tanstack/react-table";
import Link from "next/link";
import { TimeText } from "#components/numbers/age.tsx";
import { OrderBadge, SideText } from "#components/numbers/order-badge.tsx";
import { DataTable, type TABLE_FEATURES } from "#components/ui/data-table.tsx";
import type { OrderDto } from "#lib/contracts/trade.ts";
import { formatFilled, formatPrice, formatQuantity } from "#lib/format/number.ts";
import { orderTypeWords } from "#lib/sentences/triggers.ts";
import { venueName } from "#lib/sentences/venues.ts";

const helper = createColumnHelper<typeof TABLE_FEATURES, OrderDto>();

const COLUMNS = helper.columns([
  helper.display({
    id: "time",
    header: "Time",
    cell: ({ row }) => (
      <Link
        href={`/orders/${row.original.id}`}
        className="after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent-text"
      >
        <TimeText at={row.original.createdAt} />
        <span className="sr-only">
          , open {row.original.side.toLowerCase()} {row.original.symbol}
        </span>
      </Link>
    ),
  }),
  helper.display({
    id: "symbol",
    header: "Symbol",
    cell: ({ row }) => <span className="font-medium">{row.original.symbol}</span>,
  }),
  helper.display({ id: "side", header: "Side", cell: ({ row }) => <SideText side={row.original.side} /> }),
  helper.display({
    id: "type",
    header: "Type",
    cell: ({ row }) => <span className="text-muted">{orderTypeWords(row.original)}</span>,
  }),
  helper.display({
    id: "quantity",
    header: "Filled / quantity",
    cell: ({ row }) => (
      <>
        {formatFilled(row.original)} <span className="text-muted">/ {formatQuantity(row.original.quantity)}</span>
      </>
    ),
  }),
  helper.display({
    id: "price",
    header: "Average price",
    cell: ({ row }) =>
      row.original.averagePrice === null && row.original.restsFor !== null ? (
        <span className="text-muted">at {formatPrice(row.original.restsFor.price)}</span>
      ) : row.original.averagePrice === null && row.original.limitPrice !== null ? (
        <span className="text-muted">limit {formatPrice(row.original.limitPrice)}</span>
      ) : (
        formatPrice(row.original.averagePrice)
      ),
  }),
  helper.display({
    id: "venue",
    header: "Venue",
    cell: ({ row }) =>
      row.original.venue === null ? <span className="text-muted">not routed</span> : venueName(row.original.venue),
  }),
  helper.display({ id: "state", header: "State", cell: ({ row }) => <OrderBadge state={row.original.state} /> }),
]);

const NUMERIC: ReadonlySet<string> = new Set(["quantity", "price"]);

/** Orders on a wide screen; the whole row opens the order. */
export function OrdersTable({ orders }: { orders: readonly OrderDto[] }) {
  return <DataTable label="Orders" columns={COLUMNS} rows={orders} getRowId={(order) => order.id} numeric={NUMERIC} />;
}
