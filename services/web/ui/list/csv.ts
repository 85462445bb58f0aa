// Rows as CSV (RFC 4180), safe to open in a spreadsheet.

// White space and line ends in front do not hinder a spreadsheet.
const FORMULA = /^\s*[=+\-@]|^[\t\r]/;

export function cell(value: unknown): string {
  const text = value === undefined || value === null ? '' : String(value);
  return '"' + (FORMULA.test(text) ? "'" + text : text).replaceAll('"', '""')
    + '"';
}

export function csv(rows: readonly (readonly unknown[])[]): string {
  return rows.map((r) => r.map(cell).join(',') + '\r\n').join('');
}

export function download(name: string, text: string, type = 'text/csv'): void {
  const url = URL.createObjectURL(
    new Blob(['\ufeff' + text], { type: type + ';charset=utf-8' }));
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
