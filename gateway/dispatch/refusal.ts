/** Something that cannot be done with a dispatch; the message says why, to who asked for it. */
export class DispatchRefusal extends Error {
  override name = 'DispatchRefusal';
}
