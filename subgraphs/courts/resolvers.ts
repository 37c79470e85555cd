import type { Resolvers } from '../kit/sdl-files.ts';
import type { CaseFile } from './case-file.ts';
import type { CaseFolder } from './source.ts';

/** Resolvers over the folder; nothing is batched because everything is in memory. */
export function createResolvers(cases: CaseFolder): Resolvers {
  return {
    Query: {
      courtCase: (_: unknown, { caseNo }: { caseNo: string }) => cases.find(caseNo),
      courtFiles: () => cases.files(),
    },
    CourtCase: {
      __resolveReference: ({ caseNo }: { caseNo: string }) => cases.find(caseNo),
    },
    CourtFile: {
      casesKept: (file: CaseFile) => file.cases.length,
    },
  };
}
