// Rows as CSV (RFC 4180), safe to open in a spreadsheet.

const FORMULA = /^[=+\-@\t\r]/;

export function cell(value: unknown): string {
  const text = value === undefined || value === null ? '' : String(value);
  return '"' + (FORMULA.test(text) ? "'" + text : text).replaceAll('"', '""')
    + '"';
}

export function csv(rows: readonly (readonly unknown[])[]): string {
  return rows.map((r) => r.map(cell).join(',') + '\r\n').join('');
}

// The inverse, for imports: quoted cells, line ends of every kind. A semicolon
// separates where the first line has more of them than commas.
export function parseCsv(text: string): string[][] {
  const first = text.split(/\r?\n/, 1)[0] ?? '';
  const comma = first.split(';').length > first.split(',').length ? ';' : ',';
  const rows: string[][] = [];
  let row: string[] = [];
  let value = '';
  let quoted = false;
  for (let i = text.charCodeAt(0) === 0xfeff ? 1 : 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c !== '"')
        value += c;
      else if (text[i + 1] === '"')
        value += text[++i]!;
      else
        quoted = false;
    } else if (c === '"' && value === '') {
      quoted = true;
    } else if (c === comma) {
      row.push(value);
      value = '';
    } else if (c === '\n') {
      row.push(value.replace(/\r$/, ''));
      rows.push(row);
      row = [];
      value = '';
    } else {
      value += c;
    }
  }
  if (value !== '' || row.length > 0)
    rows.push([...row, value]);
  return rows.filter((r) => r.some((x) => x !== ''));
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
