import type { recordings as English } from '../en/recordings';

export const recordings: Record<keyof typeof English, string> = {
  'recordings.ended': 'Beendet',
  'recordings.began': 'Begonnen (Uhr des Geräts)',
  'recordings.size': 'Größe',
  'recordings.format': 'Format',
  'recordings.stored': 'Liegt in',
  'recordings.stored.folder': 'Ordner des Servers',
  'recordings.stored.s3': 'Speicher (S3)',
  'recordings.file': 'Datei',
  'recordings.deviceName': 'Name',
  'recordings.about': 'Zu dieser Aufzeichnung',
  'recordings.film': 'Aufzeichnung von {name}',
  'recordings.search': 'Nach ID oder Datei suchen',
  'recordings.download': 'Herunterladen',
  'recordings.growing': 'Kommt noch an',
  'recordings.growing.text':
    'Das Gerät sendet noch. Was schon da ist, kann man ansehen.',
  'recordings.cannotPlay': 'Dieser Browser kann sie nicht abspielen',
  'recordings.cannotPlay.text':
    'Ihr Format ist {format}. Herunterladen und mit einem Videoprogramm '
    + 'öffnen. Geht auch das nicht, ist die Aufzeichnung beschädigt oder '
    + 'unvollständig.',
  'recordings.gone': 'Diese Aufzeichnung gibt es nicht mehr',
  'recordings.gone.text':
    'Sie wurde gelöscht, ihre Zeit war um, oder die eigene Rolle darf sie '
    + 'nicht sehen.',
  'recordings.delete': 'Aufzeichnung löschen',
  'recordings.deleteOne': 'Aufzeichnung von {name} löschen?',
  'recordings.deleteMany':
    '{n|Eine Aufzeichnung|# Aufzeichnungen} löschen?',
  'recordings.delete.text':
    'Das lässt sich nicht rückgängig machen. Dass und durch wen gelöscht '
    + 'wurde, bleibt im Protokoll.',
  'recordings.deleted': 'Aufzeichnung gelöscht',
  'recordings.empty': 'Noch keine Aufzeichnungen',
  'recordings.empty.text':
    'Geräte zeichnen ihre Sitzungen selbst auf: in einer Strategie '
    + '„Jede eingehende Sitzung aufzeichnen“ festlegen.',
  'recordings.off.text':
    'Dieser Server bewahrt keine auf: RECORD_DIR auf den Ordner setzen, in '
    + 'dem sie liegen sollen.',
};
