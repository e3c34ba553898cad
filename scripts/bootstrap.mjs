// Plain JavaScript without dependencies: it runs on whatever Node the machine has, before anything is installed.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const NODE_MAJOR_MIN = 20;
const INSTALLED_NODE = join(ROOT, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");

/** One sentence when this Node is too old, else null. */
export function nodeVersionProblem(version) {
  const major = Number(version.replace(/^v/, "").split(".")[0]);
  if (major >= NODE_MAJOR_MIN) return null;
  return `Nija needs Node ${NODE_MAJOR_MIN} or newer and this is Node ${version.replace(/^v/, "")}: install a newer one from nodejs.org.`;
}

/**
 * True when node_modules is what package-lock.json says. npm writes its own list as the last step of an installation, so one that
 * was interrupted has none. Packages for other systems are in the lock and not on the disk.
 */
export function isInstalled(root) {
  try {
    const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
    const present = JSON.parse(readFileSync(join(root, "node_modules", ".package-lock.json"), "utf8")).packages;
    const same = Object.keys(wanted).every((path) => {
      if (path === "") return true;
      if (present[path] === undefined) return wanted[path].optional === true || wanted[path].peer === true;
      return present[path].version === wanted[path].version && present[path].integrity === wanted[path].integrity;
    });
    return same && Object.keys(present).every((path) => wanted[path] !== undefined);
  } catch {
    return false;
  }
}

/** npm as the caller runs it, which need not be the first one of the PATH. */
function npmCommand() {
  const script = process.env.npm_execpath;
  if (script?.endsWith(".js") && existsSync(script)) return [process.execPath, [script]];
  return [process.platform === "win32" ? "npm.cmd" : "npm", []];
}

function install() {
  process.stdout.write("Installing packages (npm ci), once per change of package-lock.json...\n");
  const [command, args] = npmCommand();
  // Nothing to ask and nothing to sell: the log of a first start stays readable.
  const result = spawnSync(command, [...args, "ci", "--no-audit", "--no-fund"], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (result.status !== 0) fail("The packages could not be installed: npm ci failed, its reason stands above.");
}

function assertInstalledNode() {
  try {
    execFileSync(INSTALLED_NODE, ["--version"], { stdio: "pipe" });
  } catch {
    fail("Node 24 is missing from node_modules: remove the folder node_modules and start again.");
  }
}

/** Ends this process with one sentence. */
export function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/**
 * Brings the packages up to date and runs `script` (TypeScript) with the Node that the project pins, handing signals and the exit
 * code through.
 */
export function runPinned(script, args) {
  const problem = nodeVersionProblem(process.version);
  if (problem !== null) fail(problem);
  if (!isInstalled(ROOT)) install();
  assertInstalledNode();
  const child = spawn(INSTALLED_NODE, [join(ROOT, script), ...args], { cwd: ROOT, stdio: "inherit" });
  // Ctrl-C reaches the child from the terminal by itself, a signal from elsewhere does not; whoever waits, the child ends first.
  process.on("SIGINT", () => undefined);
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  stopWithNpm(child);
  child.on("error", (error) => fail(`The project's Node could not be started: ${error.message}.`));
  child.on("exit", (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
}

// npm hands a signal to its shell, which dies of it and tells nobody. That shell is our parent, so its end is noticed here.
function stopWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) child.kill("SIGTERM");
  }, 500).unref();
}
