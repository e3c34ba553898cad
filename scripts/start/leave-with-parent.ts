// Loaded into every process that the supervisor starts. A supervisor that was killed cannot stop its children; the channel to it
// breaks, and they go by themselves.
const KILL_AFTER_MS = 15_000;

// Node hands this module on to what such a process forks, whose channel is the forking one's own affair.
const isOurs = process.env["NIJA_SUPERVISOR_PID"] === String(process.ppid);

if (isOurs && process.channel !== undefined && process.channel !== null) {
  process.on("disconnect", () => {
    process.kill(process.pid, "SIGTERM");
    setTimeout(() => process.kill(process.pid, "SIGKILL"), KILL_AFTER_MS).unref();
  });
  // Listening must not keep a process alive that has finished.
  process.channel.unref();
}
