/** The table of `npm run test:faults`: what each case requires, what was measured, and whether that is enough. */

/** One row. */
export interface FaultRow {
  readonly id: string;
  readonly required: string;
  /** `null` when nothing was. */
  readonly measured: string | null;
  readonly verdict:
    | 'pass'
    | 'FAIL'
    | 'NOT MEASURED'
    | 'NOT ANNOUNCED'
    | 'NOT LISTED'
    | 'TWICE'
    | 'MISSING';
}

/** Values that come from nothing having been read. */
const NO_VALUE = /^\s*$|\b(?:null|undefined|NaN)\b/;

/**
 * Reads the lines that the cases wrote, see `e2e/faults/test-faults.ts`.
 * @param lines in any order; ones that cannot be read are ignored, and with them what they would have said
 * @param counts how many cases each of the things that must hold has: the first has `1.1`, `1.2` …
 * @returns a row for every case, and one for every case that is missing, in order
 */
export function readFaultRows(lines: readonly string[], counts: readonly number[]): FaultRow[] {
  const listed = counts.flatMap((count, group) =>
    Array.from({ length: count }, (_, index) => `${group + 1}.${index + 1}`),
  );
  const read = lines.map(parse);
  const announced = read.flatMap(({ id, required }) =>
    typeof id === 'string' && typeof required === 'string' ? [{ id, required }] : [],
  );
  const measured = read.flatMap(({ id, measured, pass }) =>
    typeof id === 'string' && typeof measured === 'string' ? [{ id, measured, pass }] : [],
  );
  const ids = [...new Set([...announced, ...measured].map(({ id }) => id))];
  const rows = ids.map((id): FaultRow => {
    const [first, second] = announced.filter((row) => row.id === id);
    const [result, again] = measured.filter((row) => row.id === id);
    const value = result === undefined || NO_VALUE.test(result.measured) ? null : result.measured;
    const verdict = () => {
      if (!listed.includes(id)) return 'NOT LISTED';
      if (first === undefined) return 'NOT ANNOUNCED';
      if (second !== undefined || again !== undefined) return 'TWICE';
      if (value === null) return 'NOT MEASURED';
      return result?.pass === true ? 'pass' : 'FAIL';
    };
    return { id, required: first?.required ?? '', measured: value, verdict: verdict() };
  });
  const missing = listed
    .filter((id) => !ids.includes(id))
    .map((id): FaultRow => ({ id, required: '', measured: null, verdict: 'MISSING' }));
  return [...rows, ...missing].toSorted((a, b) =>
    a.id.localeCompare(b.id, 'en', { numeric: true }),
  );
}

/** Whether there is something to judge, and all of it holds. */
export const holdsAll = (rows: readonly FaultRow[]): boolean =>
  rows.length > 0 && rows.every(({ verdict }) => verdict === 'pass');

/** The table as text, in Markdown. */
export function printFaultRows(rows: readonly FaultRow[]): string {
  const head = ['case', 'required', 'measured', 'pass'];
  const cells = rows.map(({ id, required, measured, verdict }) =>
    [id, required, measured ?? '—', verdict].map((cell) => cell.replaceAll(/\s*[|\n]\s*/g, ' / ')),
  );
  const widths = head.map((name, column) =>
    Math.max(name.length, ...cells.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  return [line(head), line(rule), ...cells.map(line)].join('\n');
}

/** A line as an object; an empty one when it is none. */
function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
