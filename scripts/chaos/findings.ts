/** The four figures of a run; each must be zero. */
export type Figure = "duplicates" | "lost" | "unresolved" | "balanceDifferences";

export interface Finding {
  readonly figure: Figure;
  readonly what: string;
  /** Whose history explains it. */
  readonly orderId?: string;
  readonly venueAccountId?: string;
}

export function countOf(findings: readonly Finding[], figure: Figure): number {
  return findings.filter((finding) => finding.figure === figure).length;
}
