import { systemUnavailable } from '../kit/faults.ts';
import { watchFolder } from '../kit/watched-folder.ts';
import { readCaseFile, type CaseFile, type CourtCase } from './case-file.ts';

/** The courts' folder, as last read. */
export interface CaseFolder {
  /** One case; null where no file has it. */
  find(caseNo: string): CourtCase | null;
  /**
   * The files read, by name.
   * @throws GraphQLError SYSTEM_UNAVAILABLE while the folder cannot be listed
   */
  files(): CaseFile[];
  close(): Promise<void>;
}

/**
 * Reads every file in the folder, and from then on what lands there or changes. Of a case in several files the last file's counts.
 *
 * @throws StartError when the folder is missing or may not be read
 */
export async function openCaseFolder(folder: string): Promise<CaseFolder> {
  let cases = new Map<string, CourtCase>();
  const files = await watchFolder({
    folder,
    holds: "courts' folder",
    setting: 'COURTS_CASE_DIR',
    read: readCaseFile,
    changed(contents) {
      cases = new Map(contents.flatMap((file) => file.cases.map((each) => [each.caseNo, each])));
    },
  });
  return {
    find: (caseNo) => cases.get(caseNo) ?? null,
    files() {
      try {
        return files.contents();
      } catch (error) {
        throw systemUnavailable("The courts' folder cannot be listed.", error);
      }
    },
    close: () => files.close(),
  };
}
