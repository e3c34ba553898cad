import pg from "pg";

/** The login roles: what the web may do, and what the worker may do. Migrations create them without a password. */
export const APPLICATION_ROLES = ["nija_web", "nija_worker"] as const;
export type ApplicationRole = (typeof APPLICATION_ROLES)[number];

/**
 * Lets the application roles sign in with these passwords, over the owner's connection. The owner needs CREATEROLE (which it also
 * needed to create them) and no superuser rights. Roles belong to the whole server: two databases on one server share them.
 */
export async function setRolePasswords(ownerUrl: string, passwords: Readonly<Record<ApplicationRole, string>>): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: "nija-roles" });
  await client.connect();
  try {
    for (const role of APPLICATION_ROLES) {
      // ALTER ROLE takes no parameters, so the literal is quoted by the driver.
      await client.query(`alter role ${role} login password ${client.escapeLiteral(passwords[role])}`);
    }
  } finally {
    await client.end();
  }
}

/** The owner's URL with another role and its password in it; host, port, database and TLS options stay. */
export function roleUrl(ownerUrl: string, role: string, password: string): string {
  const url = new URL(ownerUrl);
  url.username = role;
  url.password = encodeURIComponent(password);
  return url.toString();
}

/** The owner's URL with another database of the same server in it. */
export function databaseUrlOf(serverUrl: string, databaseName: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${databaseName}`;
  return url.toString();
}
