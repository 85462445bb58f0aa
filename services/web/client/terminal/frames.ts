// What the page and the frame of a terminal say to each other.
export interface TerminalTheme {
  readonly background: string;
  readonly foreground: string;
  readonly cursor: string;
  readonly selectionBackground: string;
}

export type ToFrame =
  | { readonly do: 'output'; readonly data: Uint8Array }
  | { readonly do: 'replay'; readonly on: boolean }
  | { readonly do: 'theme'; readonly theme: TerminalTheme }
  | { readonly do: 'font'; readonly size: number }
  | { readonly do: 'label'; readonly text: string }
  | { readonly do: 'focus' };

export type FromFrame =
  | { readonly say: 'ready'; readonly rows: number; readonly cols: number }
  | { readonly say: 'size'; readonly rows: number; readonly cols: number }
  | { readonly say: 'input'; readonly data: Uint8Array }
  | { readonly say: 'written' };

export const DARK: TerminalTheme = {
  background: '#0f1218', foreground: '#e6e9ef', cursor: '#e6e9ef',
  selectionBackground: '#34507f',
};
export const LIGHT: TerminalTheme = {
  background: '#fcfcfd', foreground: '#1d222b', cursor: '#1d222b',
  selectionBackground: '#c5d8fb',
};
