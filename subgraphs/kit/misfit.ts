/** A value that is not what its column must hold, and what it is not: `a number such as 1234,56`. Never the value itself: it may be for few eyes. */
export class Misfit {
  readonly mustBe: string;

  constructor(mustBe: string) {
    this.mustBe = mustBe;
  }
}
