import type { RequestObserver } from './observed-request.ts';

/** One observer for several; undefined for none. The headers of a fetch are those of the first that gives any. */
export function joinObservers(observers: readonly RequestObserver[]): RequestObserver | undefined {
  if (observers.length < 2) return observers[0];
  const beginning = observers.filter(({ began }) => began);
  const tracing = observers.filter(({ fetchBegins }) => fetchBegins);
  return {
    began(request) {
      for (const observer of beginning) observer.began!(request);
    },
    ...(tracing.length > 0 && {
      fetchBegins(request, fetch) {
        const given = tracing.map((observer) => observer.fetchBegins!(request, fetch));
        return given.find((headers) => headers);
      },
    }),
    ended(request) {
      for (const observer of observers) observer.ended(request);
    },
  };
}
