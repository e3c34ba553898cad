import { connection } from "next/server";
import { checkHealth } from "#server/http/check-health.ts";
import { serverDeps } from "#server/server-deps.ts";

export async function GET(): Promise<Response> {
  await connection();
  return checkHealth(serverDeps());
}
