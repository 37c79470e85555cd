import { stringify } from 'yaml';
import type { CompleteRules } from '../rule-watch.ts';

/** Lets everybody see what a department on this machine has, until it has rules of its own. @param departments as of now */
export function openWithoutRules(departments: () => readonly string[]): CompleteRules {
  return (texts) => {
    const ruled = new Set(texts.map(({ text }) => /^department:\s*['"]?([\w-]+)/m.exec(text)?.[1]));
    const open = departments().filter((name) => !ruled.has(name));
    return [...texts, ...open.map((name) => ({ file: `switchyard dev (${name})`, text: stringify(openRules(name)) }))];
  };
}

function openRules(department: string): object {
  const text = 'In switchyard dev everybody sees a department that has no rules yet.';
  return { department, rules: [{ id: `${department}-dev`, text, outcome: 'ALLOW', classes: '*' }] };
}
