import Pusher from "pusher";
import { z } from "zod";
import { uuid } from "#lib/contracts/scalars.ts";
import { readRequestFacts, type ServerDeps } from "#server/context.ts";
import { findMemberRole } from "#server/data/identity/find-member-role.ts";
import { asUserId, asWorkspaceId } from "#server/domain/ids.ts";
import { AppError } from "#server/errors.ts";
import { assertOwnOrigin } from "./check-origin.ts";
import type { HttpOptions } from "./handle-trpc.ts";
import { readBody } from "./read-body.ts";
import { refusalResponse } from "./refusal-response.ts";

const BODY_BYTES_MAX = 4096;

const input = z.object({
  socket_id: z.string().regex(/^\d{1,20}\.\d{1,20}$/),
  channel_name: z.string().max(100),
});

export interface ChannelAuthOptions extends HttpOptions {
  readonly pusher: { readonly appId: string; readonly key: string; readonly secret: string; readonly host: string };
}

/** Members hear their workspace, everybody hears themselves, and nothing else can be listened to. */
async function mayListen(deps: ServerDeps, userId: string, channel: string): Promise<boolean> {
  const [, kind, id = ""] = /^private-(workspace|user)-(.+)$/.exec(channel) ?? [];
  if (kind === undefined || !uuid.safeParse(id).success) return false;
  if (kind === "user") return id === userId;
  const workspaceId = asWorkspaceId(id);
  const role = await deps.database.workspace(workspaceId, (tx) => findMemberRole(tx, workspaceId, asUserId(userId)));
  return role !== null;
}

/** Signs a browser's wish to listen to a private channel. A channel that is not theirs is "not found". */
export async function authorizeChannel(deps: ServerDeps, options: ChannelAuthOptions, request: Request): Promise<Response> {
  const facts = readRequestFacts(request.headers, options.proxyHops);
  try {
    assertOwnOrigin(request.headers, options.origin);
    const form = new URLSearchParams((await readBody(request, BODY_BYTES_MAX)) ?? "");
    const { socket_id, channel_name } = input.parse(Object.fromEntries(form));
    const signedIn = await deps.sessions.read(request.headers);
    if (signedIn === null) throw new AppError("AUTH_REQUIRED");
    if (!(await mayListen(deps, signedIn.userId, channel_name))) throw new AppError("NOT_FOUND");
    const answer = new Pusher(options.pusher).authorizeChannel(socket_id, channel_name);
    return Response.json(answer, { headers: { "cache-control": "no-store", "x-request-id": facts.requestId } });
  } catch (error) {
    return refusalResponse(error, facts, deps.log);
  }
}
