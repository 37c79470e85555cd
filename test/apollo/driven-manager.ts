import type {
  SupergraphManager,
  SupergraphSdlHookOptions,
  SwitchyardGateway,
} from '../../gateway/apollo/switchyard-gateway.ts';

/** A manager as its users write it, to be driven by a test. */
export class DrivenManager implements SupergraphManager {
  options: SupergraphSdlHookOptions | undefined;
  cleanups = 0;
  readonly #supergraphSdl: string;

  constructor(supergraphSdl: string) {
    this.#supergraphSdl = supergraphSdl;
  }

  initialize = (options: SupergraphSdlHookOptions) => {
    this.options = options;
    const cleanup = () => {
      this.cleanups += 1;
      return Promise.resolve();
    };
    return Promise.resolve({ supergraphSdl: this.#supergraphSdl, cleanup });
  };

  update(supergraphSdl: string): void {
    this.options!.update(supergraphSdl);
  }
}

/** Resolves when the next supergraph comes to be served. */
export function nextSupergraph(gateway: SwitchyardGateway): Promise<string> {
  return new Promise((resolve) => {
    const forget = gateway.onSchemaLoadOrUpdate(({ coreSupergraphSdl }) => {
      forget();
      resolve(coreSupergraphSdl);
    });
  });
}
