/** How often a program that npm started looks whether npm is still there. */
const PARENT_CHECK_MS = 250;

/**
 * Calls back once when the npm that started this program has been stopped. npm (and npx) runs a program under a shell that
 * it ends without telling what runs in it: whoever stops npm means the program. Does nothing where npm did not start it.
 */
export function onNpmGone(stop: () => void): void {
  if (process.env['npm_command'] === undefined) return;
  const parent = process.ppid;
  const check = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(check);
    stop();
  }, PARENT_CHECK_MS);
  check.unref();
}
