/** Who says something to the registry. */
export interface Publisher {
  readonly subject: string;
  /** The department they act for, by its code. */
  readonly department: string | undefined;
  /** May change every subgraph, and go back to versions. */
  readonly isAdministrator: boolean;
  /** Is given the supergraph, and reports who uses what. */
  readonly isGateway: boolean;
}
