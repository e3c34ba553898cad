import { initTRPC, TRPCError } from "@trpc/server";
import { z } from "zod";
import { uuid } from "#lib/contracts/scalars.ts";
import type { Context } from "#server/context.ts";
import { findMemberRole } from "#server/data/identity/find-member-role.ts";
import type { Actor, MemberRole } from "#server/domain/actor.ts";
import { asUserId, asWorkspaceId } from "#server/domain/ids.ts";
import { AppError } from "#server/errors.ts";
import { toAppError, toTrpcCode } from "#server/http/map-error.ts";

/** Who may call a procedure: anybody, somebody signed in, a member with at least this role, or platform staff. */
export type Audience = "public" | "user" | MemberRole | "admin";

export interface ProcedureMeta {
  readonly audience: Audience;
}

/** A role may do what the roles below it may do. */
const MEMBER_RANK: Readonly<Record<MemberRole, number>> = { VIEWER: 1, TRADER: 2, OWNER: 3 };

const t = initTRPC
  .context<Context>()
  .meta<ProcedureMeta>()
  .create({
    isDev: false, // never a stack trace in an answer
    errorFormatter({ shape, error, ctx }) {
      const refusal = toAppError(error);
      return {
        message: refusal.code,
        code: shape.code,
        data: {
          code: refusal.code,
          httpStatus: shape.data.httpStatus,
          details: refusal.details,
          requestId: ctx?.request.requestId ?? null,
        },
      };
    },
  });

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** Turns whatever a procedure threw into one typed refusal; a defect is logged here and answered without details. */
const refusals = t.middleware(async ({ ctx, path, next }) => {
  const result = await next();
  if (result.ok) return result;
  const refusal = toAppError(result.error);
  if (refusal.code === "INTERNAL" || refusal.code === "DATABASE_UNAVAILABLE") {
    ctx.log.error({ err: result.error.cause ?? result.error, path }, "a procedure failed");
  }
  throw new TRPCError({ code: toTrpcCode(refusal.code), message: refusal.code, cause: refusal });
});

const base = t.procedure.use(refusals);

/** Anybody, signed in or not. */
export const publicProcedure = base.meta({ audience: "public" });

const signedInOnly = t.middleware(({ ctx, next }) => {
  if (ctx.signedIn === null) throw new AppError("AUTH_REQUIRED");
  return next({ ctx: { signedIn: ctx.signedIn } });
});

/** Somebody signed in, about themselves. */
export const userProcedure = base.meta({ audience: "user" }).use(signedInOnly);

/** Platform staff. Their reads of tenant data are audited by the services they call. */
export const adminProcedure = base.meta({ audience: "admin" }).use(({ ctx, next }) => {
  if (ctx.signedIn === null) throw new AppError("AUTH_REQUIRED");
  // Like a foreign workspace: whoever may not use it is not told that it exists.
  if (ctx.signedIn.platformRole !== "ADMIN") throw new AppError("NOT_FOUND");
  return next({ ctx: { signedIn: ctx.signedIn } });
});

/**
 * A member of `input.workspaceId` with at least `roleMin`; the handler gets the `Actor`. Membership is read from the
 * database for each call, so that a removed member is out at once. Somebody else's workspace is "not found".
 */
export function memberProcedure(roleMin: MemberRole) {
  return base
    .meta({ audience: roleMin })
    .input(z.object({ workspaceId: uuid }))
    .use(async ({ ctx, input, next }) => {
      if (ctx.signedIn === null) throw new AppError("AUTH_REQUIRED");
      const userId = asUserId(ctx.signedIn.userId);
      const workspaceId = asWorkspaceId(input.workspaceId);
      const role = await ctx.deps.database.workspace(workspaceId, (tx) => findMemberRole(tx, workspaceId, userId));
      if (role === null) throw new AppError("NOT_FOUND");
      if (MEMBER_RANK[role] < MEMBER_RANK[roleMin]) throw new AppError("AUTH_FORBIDDEN", { role, needed: roleMin });
      const actor: Actor = { userId, workspaceId, role, ...ctx.request };
      return next({ ctx: { actor, signedIn: ctx.signedIn } });
    });
}
