/** What is wrong with a file or a store of the trail; the message says what and what to do. */
export class TrailError extends Error {
  override name = 'TrailError';
}
