import type { duplicates as English } from '../en/duplicates';

export const duplicates: Record<keyof typeof English, string> = {
  'nav.duplicates': 'Doppelte',
  'duplicates.machine': 'Gleicher Rechner',
  'duplicates.host': 'Gleicher Name',
  'duplicates.machine.text': 'Geräte, die dieselbe Maschinenkennung melden: '
    + 'ein Rechner mit neuer ID, oder Kopien einer Platte.',
  'duplicates.host.text': 'Geräte mit gleichem Rechnernamen, Benutzer und '
    + 'System: oft ein Rechner, der neu aufgesetzt wurde.',
  'duplicates.count': 'Geräte',
  'duplicates.ids': 'IDs',
  'duplicates.newest': 'Letztes',
  'duplicates.empty': 'Keine doppelten',
  'duplicates.empty.text': 'Jedes Gerät ist einmal da.',
  'duplicates.title': 'Ein Rechner',
  'duplicates.merge': 'Zusammenführen',
  'duplicates.keep': 'Bleibt',
  'duplicates.go': 'Geht',
  'duplicates.keepOne': '{name} bleibt',
  'duplicates.goOne': '{name} geht',
  'duplicates.choose': 'Wählen Sie, welche Geräte gehen. Eines, das online '
    + 'ist, käme sofort zurück.',
  'duplicates.gets': '{name} bekommt von den anderen: {what}',
  'duplicates.getsNothing': '{name} bleibt, wie es ist',
  'duplicates.entries': 'Adressbücher: {n|ein Eintrag|# Einträge} mit '
    + 'diesem Gerät statt der anderen; was dort war, kommt in die '
    + 'Papierkörbe',
  'duplicates.goes': '{ids} werden abgelegt: sie kommen zurück, wenn sie sich '
    + 'melden, oder aus Einstellungen, Abgelegte Geräte',
  'duplicates.merged': '{n|Ein Gerät ist|# Geräte sind} mit {name} '
    + 'zusammengeführt',
};
