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
  'clones.tab': 'Kopierte IDs',
  'clones.text': 'Eine ID, die mehrere Rechner benutzen, wie Kopien einer '
    + 'Platte. Es fällt auf, wenn sie sich im Wechsel melden; Kopien mit '
    + 'gleichem Rechnernamen, System und Prozessor sehen wie ein Rechner aus.',
  'clones.machines': 'Rechner',
  'clones.since': 'Seit',
  'clones.state': 'Stand',
  'clones.open': 'Zu entscheiden',
  'clones.isIgnored': 'Keine Kopie',
  'clones.empty': 'Keine kopierten IDs',
  'clones.empty.text': 'Jede ID wird von einem Rechner benutzt.',
  'clones.resolve': 'Auflösen',
  'clones.title': 'Welcher Rechner behält {id}?',
  'clones.one': 'Mehrere Rechner benutzen diese ID',
  'clones.host': 'Rechnername',
  'clones.keepOne': '{name} behält die ID',
  'clones.told': 'Der Server sagt {hosts}, eine andere ID zu nehmen, sobald '
    + 'sich der Rechner binnen fünf Minuten von seiner Adresse aus meldet. Er '
    + 'kommt als neues Gerät zurück.',
  'clones.cannot': '{hosts} kommt von derselben Adresse wie {name}: Der '
    + 'Server kann sie nicht unterscheiden. Geben Sie dem Rechner von Hand '
    + 'eine neue Maschinenkennung.',
  'clones.byHand': 'Von Hand, am kopierten Rechner',
  'clones.byHand.text': 'Eine neue Maschinenkennung und keine alte '
    + 'Konfiguration: Dann nimmt der Client eigene ID, Schlüssel und '
    + 'Passwort. Andere Programme kennen den Rechner vielleicht an seiner '
    + 'Maschinenkennung. Abbilder, die verallgemeinert (sysprep) oder ohne '
    + 'die Konfiguration von RustDesk gemacht sind, brauchen nichts davon.',
  'clones.windows': 'Windows (PowerShell als Administrator)',
  'clones.linux': 'Linux (als root)',
  'clones.keep': 'Diesen behalten',
  'clones.kept': '{name} behält die ID. Benutzt noch ein anderer Rechner sie, '
    + 'steht sie wieder hier',
  'clones.ignore': 'Keine Kopie',
  'clones.ignored': '{name} ist keine Kopie, bis sich ein weiterer Rechner '
    + 'zeigt',
  'clones.check': 'Noch einmal prüfen',
  'clones.checked': 'Wird geprüft: Benutzen mehrere Rechner {name}, steht es '
    + 'binnen Minuten wieder hier',
};
