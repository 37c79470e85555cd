import { UnreadableAnswer, type AnswerReader, type HttpConnection } from './http-connection.ts';
import { exactJson } from './json-values.ts';
import { requestPath } from './service-parameters.ts';
import type { ServiceAnswer, ServicePort, ServiceRequest } from './service-reading.ts';

/** A REST service: what is asked stands in the address, what is answered is JSON. @param url what paths are below */
export function restService(connection: HttpConnection, url: URL): ServicePort {
  const base = url.pathname.replace(/\/$/, '');
  const pathOf = ({ operation, values, path }: ServiceRequest): string => path ?? requestPath(base, operation, values);
  return {
    url,
    counts: connection.counts,
    pathOf,
    ask(request, deadline) {
      const headers = { accept: 'application/json' };
      const where = { method: 'GET' as const, origin: url.origin, path: pathOf(request), headers };
      const asked = { ...where, operation: request.operation.name };
      return connection.ask(asked, JSON_ANSWER, deadline);
    },
    close: () => connection.close(),
  };
}

const JSON_ANSWER: AnswerReader<ServiceAnswer> = {
  statuses: [200, 404],
  read({ status, text, headers: { link } }) {
    // Where there is nothing, what else is said of it need not be JSON.
    const body = status === 200 ? parseJson(text) : jsonIn(text);
    return { isAbsent: status === 404, body, link: Array.isArray(link) ? link.join(', ') : link };
  },
};

function jsonIn(text: string): unknown {
  try {
    return exactJson(text);
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return exactJson(text);
  } catch (error) {
    throw new UnreadableAnswer('it is not JSON', error);
  }
}
