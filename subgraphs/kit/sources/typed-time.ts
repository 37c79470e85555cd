/** A day or a time that the file itself says is one, and not a text that may be: no way to write it is looked at. */
export class TypedTime {
  /** As ISO 8601 has it, as far as it goes. */
  readonly iso: string;

  constructor(iso: string) {
    this.iso = iso;
  }
}
