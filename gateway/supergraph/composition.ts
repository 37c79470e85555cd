/** Where something stands. */
export interface Place {
  department: string;
  origin: string;
  line: number;
  column: number;
}

/** A subgraph to compose. */
export interface SubgraphSource {
  name: string;
  routingUrl: string;
  sdl: string;
  /** The file or address the SDL came from, for error messages. */
  origin: string;
}

/** Something that keeps subgraphs from being one graph, with all that is needed to mend it. */
export interface CompositionProblem {
  /** Apollo's code of the rule that is broken, such as `FIELD_TYPE_MISMATCH`. */
  code: string;
  message: string;
  /** Where the definitions that clash are. */
  places: Place[];
  /** What to change. */
  advice: string;
}

export type CompositionResult =
  { ok: true; sdl: string; hints: string[] } | { ok: false; problems: CompositionProblem[] };
