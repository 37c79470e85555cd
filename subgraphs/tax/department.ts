import { readMilliseconds, readSystemUrl } from '../kit/settings.ts';
import type { Department } from '../kit/subgraph.ts';
import { createLoaders, createResolvers } from './resolvers.ts';
import { connectRegister } from './source.ts';

/**
 * The tax bureau, behind its SOAP register. Settings: `TAX_WSDL_URL` (required), `TAX_TIMEOUT_MS` (default 2000, for one
 * request including a first reading of the WSDL). It starts although the register is down and finds it when it is back.
 */
export const tax: Department = {
  name: 'tax',
  port: 4107,
  schemaFile: new URL('../../schema/tax.graphql', import.meta.url),
  async open(env) {
    const register = connectRegister({
      wsdlUrl: readSystemUrl(env, 'TAX_WSDL_URL').href,
      timeoutMs: readMilliseconds(env, 'TAX_TIMEOUT_MS', 2_000),
    });
    return {
      resolvers: createResolvers(),
      createContext: () => ({ tax: createLoaders(register) }),
      close: () => register.close(),
    };
  },
};
