"use client";

import { type ColumnDef, FlexRender, type RowData, tableFeatures, useTable } from "@tanstack/react-table";
import { Fragment, type ReactNode } from "react";
import { cn } from "#lib/format/class-names.ts";

export const TABLE_FEATURES = tableFeatures({});

interface DataTableProps<Row extends RowData> {
  readonly label: string;
  // The value type differs per column; the table never looks into it.
  readonly columns: readonly ColumnDef<typeof TABLE_FEATURES, Row, unknown>[];
  readonly rows: readonly Row[];
  readonly getRowId: (row: Row) => string;
  /** Columns with numbers are right-aligned, their headings too. */
  readonly numeric: ReadonlySet<string>;
  /** What belongs beneath a row, over its whole width; null where there is nothing. */
  readonly renderDetail?: (row: Row) => ReactNode;
}

/** A table for wide screens; phones get cards instead. */
export function DataTable<Row extends RowData>({ label, columns, rows, getRowId, numeric, renderDetail }: DataTableProps<Row>) {
  const table = useTable({ features: TABLE_FEATURES, columns, data: rows, getRowId });
  return (
    <table aria-label={label} className="w-full text-sm">
      <thead>
        {table.getHeaderGroups().map((group) => (
          <tr key={group.id} className="border-b border-line">
            {group.headers.map((header) => (
              <th
                key={header.id}
                scope="col"
                className={cn(
                  "h-10 whitespace-nowrap px-3 text-xs font-medium text-muted first:pl-4 last:pr-4",
                  numeric.has(header.column.id) ? "text-right" : "text-left",
                )}
              >
                <FlexRender header={header} />
              </th>
            ))}
          </tr>
        ))}
      </thead>
      <tbody className="divide-y divide-line">
        {table.getRowModel().rows.map((row) => {
          const detail = renderDetail?.(row.original) ?? null;
          return (
            <Fragment key={row.id}>
              <tr className={cn("relative h-14 transition-colors duration-150 hover:bg-hover", detail !== null && "border-b-0")}>
                {row.getAllCells().map((cell) => (
                  <td
                    key={cell.id}
                    className={cn("px-3 first:pl-4 last:pr-4", numeric.has(cell.column.id) ? "num text-right" : "text-left")}
                  >
                    <FlexRender cell={cell} />
                  </td>
                ))}
              </tr>
              {detail === null ? null : (
                <tr>
                  <td colSpan={row.getAllCells().length} className="px-4 pb-3">
                    {detail}
                  </td>
                </tr>
              )}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}
