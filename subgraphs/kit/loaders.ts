/**
 * Keeps one loader for each value of a field's argument, so that each batch asks one question.
 *
 * @param make makes the loader for one value, when it is first needed
 */
export function perArgument<Loader>(make: (argument: number) => Loader): (argument: number) => Loader {
  const made = new Map<number, Loader>();
  return (argument) => {
    const loader = made.get(argument) ?? make(argument);
    made.set(argument, loader);
    return loader;
  };
}
