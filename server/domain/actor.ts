import type { UserId, WorkspaceId } from "./ids.ts";

export type MemberRole = "OWNER" | "TRADER" | "VIEWER";

/** Who acts, where, and how the request came in. Every service takes one; nothing reaches a workspace without it. */
export interface Actor {
  readonly userId: UserId;
  readonly workspaceId: WorkspaceId;
  readonly role: MemberRole;
  readonly address: string;
  readonly userAgent: string;
  readonly requestId: string;
}
