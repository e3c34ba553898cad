import type { Route } from "next";
import Link from "next/link";
import { Notice } from "#components/ui/notice.tsx";
import type { DashboardDto } from "#lib/contracts/trade.ts";
import { describeNotice } from "#lib/sentences/notices.ts";

/** Where a notice may lead; the server's text is only followed to a page of ours. */
const TARGETS: ReadonlyMap<string, Route> = new Map<string, Route>([
  ["/orders", "/orders"],
  ["/venues", "/venues"],
  ["/venues/connect", "/venues/connect"],
]);

/** What should be known or done before trading, most urgent first. */
export function Notices({ notices }: { notices: DashboardDto["notices"] }) {
  if (notices.length === 0) return null;
  return (
    <div className="flex flex-col gap-2">
      {notices.map(({ code, detail, href }) => {
        const { tone, sentence } = describeNotice(code, detail);
        const target = href === null ? undefined : TARGETS.get(href);
        return (
          <Notice key={code} tone={tone} role="status">
            {sentence}
            {target === undefined ? null : (
              <Link href={target} className="ml-2 font-semibold underline underline-offset-2">
                Show
              </Link>
            )}
          </Notice>
        );
      })}
    </div>
  );
}
