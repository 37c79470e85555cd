import type { AnswerError } from '../errors.ts';
import type { FieldVerdict, RecordVerdict } from '../operation/field-access.ts';
import type { RecordFields } from '../supergraph/record-fields.ts';
import { decisionFor, isOpen, whateverRecord, type Alternative, type Decision } from './decision.ts';
import { refusalError } from './restrictions.ts';

/**
 * A decision as it holds for a field: what is said of groups may be given, and where the record cannot be looked at before the field is
 * fetched, or whatever it says gives nothing, what is narrowest of all that might hold does.
 *
 * @param isDecidable whether a field is itself given without a look at the record
 */
export function forField(
  decision: Decision,
  [typeName, fieldName]: readonly [string, string],
  records: RecordFields,
  isDecidable: (coordinate: string) => boolean,
): Decision {
  const count = records.groupCounts.get(typeName);
  // What can be asked of a group in two ways might be the one less the other: of somebody.
  const isOfGroup = count !== undefined && count !== fieldName && !records.hasArguments(typeName, fieldName);
  const grouped = isOfGroup ? withGroups(decision, count) : decision;
  const { alternatives = [], ...otherwise } = grouped;
  if (alternatives.length === 0) return otherwise;
  if (![otherwise, ...alternatives.map((each) => each.decision)].some(givesSomething)) return whateverRecord(grouped);
  const isDecided = alternatives.every(({ record }) =>
    Object.keys(record).every((path) => records.follow(typeName, path)?.every(isDecidable)),
  );
  if (isDecided && records.isSeparate(typeName, fieldName)) return grouped;
  return whateverRecord(grouped);
}

function givesSomething(decision: Decision): boolean {
  return isOpen(decision) || decision.mask !== undefined;
}

/** Groups that are large enough are given where single values are not. */
function withGroups({ alternatives = [], ...otherwise }: Decision, count: string): Decision {
  const expanded = alternatives.flatMap((alternative): Alternative[] => {
    const given = largeGroups(alternative.decision, count);
    if (!given) return [alternative];
    const both: Alternative = {
      record: { ...alternative.record, ...given.record },
      matches: (record, caller) => alternative.matches(record, caller) && given.matches(record, caller),
      decision: given.decision,
    };
    return [both, alternative];
  });
  const given = largeGroups(otherwise, count);
  return { ...otherwise, alternatives: given ? [...expanded, given] : expanded };
}

function largeGroups(decision: Decision, count: string): Alternative | undefined {
  const { groupsOf } = decision;
  if (decision.outcome !== 'AGGREGATE' || groupsOf === undefined) return undefined;
  return {
    record: { [count]: { $gte: groupsOf } },
    matches: (record) => typeof record[count] === 'number' && record[count] >= groupsOf,
    decision: { ...decision, outcome: 'ALLOW' },
  };
}

/** What of a record has to be known to decide. */
export function recordPaths({ alternatives = [] }: Decision): string[] {
  return [...new Set(alternatives.flatMap(({ record }) => Object.keys(record)))].toSorted();
}

/** What is done with a field because of a decision. */
export function verdictOf(decision: Decision): FieldVerdict {
  if (decision.alternatives) {
    return {
      kind: 'byRecord',
      id: idOf(decision),
      decide: (record, caller) => recordVerdict(decisionFor(decision, record, caller)),
    };
  }
  return decision.mask ? { kind: 'masked', mask: decision.mask } : { kind: 'refused' };
}

function recordVerdict(decision: Decision): RecordVerdict {
  const { outcome, mask, rule, text } = decision;
  if (isOpen(decision)) return { kind: 'given', outcome, rule };
  if (mask) return { kind: 'masked', outcome, rule, mask, told: (coordinate) => ({ coordinate, rule, text }) };
  return { kind: 'refused', outcome, rule, error: (coordinate): AnswerError => refusalError(coordinate, decision) };
}

/** The same for decisions of the same rules about the same classes, by the same grants. */
export function idOf({ rule, department = '', accessClass = '', grant = '', alternatives = [] }: Decision): string {
  return [
    `${rule}\n${department}\n${accessClass}\n${grant}`,
    ...alternatives.map(({ decision }) => idOf(decision)),
  ].join('\n\n');
}
