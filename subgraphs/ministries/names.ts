/** The name of an indicator's field: `age-share-0-14` is `ageShare0_14`. */
export function fieldName(code: string): string {
  return code.replace(/(\d)-(?=\d)/g, '$1_').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The name of the field that leads from a place to a department's figures: `centralBankFigures`. */
export function figuresField(department: string): string {
  return `${fieldName(department)}Figures`;
}

/** The name of the type that holds a department's figures: `CentralBankFigures`. */
export function figuresType(department: string): string {
  const name = figuresField(department);
  return name.charAt(0).toUpperCase() + name.slice(1);
}
