import { DatabaseError } from 'pg';
import { DeliveryError, type DeliveryErrorCode } from '../delivery.ts';

/**
 * What PostgreSQL says is wrong, as what it means for the delivery. What it says of values is left out, and so is its error, which has them.
 *
 * @throws DeliveryError always
 */
export function deliveryErrorOf(error: unknown): never {
  if (error instanceof DeliveryError) throw error;
  if (!(error instanceof DatabaseError))
    throw new DeliveryError('RECEIVER_UNAVAILABLE', (error as Error).message, { cause: error });
  const { code: state = 'XX000', message } = error;
  const told = state.startsWith('22') ? message.replace(/"[^]*"/, '"…"') : message;
  throw new DeliveryError(codeOf(state), `PostgreSQL says ${state}: ${told}`);
}

/** By the class of the SQLSTATE (PostgreSQL, appendix A). */
function codeOf(state: string): DeliveryErrorCode {
  if (state === '57014') return 'RECEIVER_TIMEOUT';
  if (state === '42501') return 'RECEIVER_REFUSED';
  switch (state.slice(0, 2)) {
    // Data, constraints, and what there is no table, column, type or index for.
    case '22':
    case '23':
    case '42':
    case '21':
      return 'DELIVERY_UNFIT';
    // Connections, authorisation, no such database, the server going down.
    case '08':
    case '28':
    case '3D':
    case '57':
      return 'RECEIVER_UNAVAILABLE';
    default:
      return 'RECEIVER_FAILED';
  }
}
