/**
 * A plan or operation that the fast program cannot be made for; it is run the plain way. Thrown while compiling only,
 * and never seen outside: its message is for `explain`.
 */
export class NotCompilable extends Error {
  override name = 'NotCompilable';
}
