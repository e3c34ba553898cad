/** One line of progress. Standard output is kept for the result. */
export function say(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 23)} ${text}\n`);
}
