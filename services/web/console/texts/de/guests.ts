import type { guests as English } from '../en/guests';

export const guests: Record<keyof typeof English, string> = {
  'guests.devices': 'Geräte',
  'guests.noDevice': 'Geräte, die es nicht mehr gibt',
  'guests.state': 'Zustand',
  'guests.state.active': 'Gültig',
  'guests.state.expired': 'Abgelaufen',
  'guests.state.used': 'Aufgebraucht',
  'guests.state.revoked': 'Widerrufen',
  'guests.maker': 'Angelegt von',
  'guests.me': 'Mir',
  'guests.ownOnly': 'von mir angelegt',
  'guests.note': 'Notiz',
  'guests.note.help': 'Für wen und wozu. Der Gast sieht sie nicht.',
  'guests.expires': 'Läuft ab',
  'guests.used': 'Sitzungen',
  'guests.usedAny': '{n}, unbegrenzt',
  'guests.usedOf': '{used} von {n}',
  'guests.lastUsed': 'Letzte Sitzung',
  'guests.created': 'Angelegt',
  'guests.role': 'Rechte',
  'guests.role.help': 'Nach einer Steuerungsrolle. Nie mehr, als man selbst darf.',
  'guests.ownRole': 'Dieselben wie meine',
  'guests.denied': 'Nicht erlaubt: {what}.',
  'guests.create': 'Gastlink anlegen',
  'guests.create.text':
    'Wer den Link hat, erreicht die Geräte im Browser, ohne Konto und solange '
    + 'man sie selbst erreichen darf. Die Geräte fragen weiter nach ihrem '
    + 'Kennwort oder einem Klick.',
  'guests.needDevice': 'Mindestens ein Gerät wählen.',
  'guests.manyDevices': 'Höchstens {n} Geräte.',
  'guests.lasts': 'Gilt für',
  'guests.hours': '{n|eine Stunde|# Stunden}',
  'guests.untilDay': 'Bis zu einem Tag …',
  'guests.keep': 'Wie bisher',
  'guests.day': 'Bis zum Ende des',
  'guests.dayWrong': 'Ein Tag ab heute, höchstens {n} Tage im Voraus.',
  'guests.uses': 'Zahl der Sitzungen',
  'guests.uses.help': 'Leer: unbegrenzt. Wer später als 50 Sekunden nach '
    + 'Beginn wiederkommt, zählt noch einmal, auch nach einem Abbruch.',
  'guests.usesWrong': 'Eine Zahl von 1 bis {n} oder nichts.',
  'guests.pin': 'PIN',
  'guests.pin.help': 'Wird gefragt, bevor etwas gezeigt wird. Leer: keine.',
  'guests.pinWrong': '{n} bis {most} Zeichen oder nichts.',
  'guests.made': 'Gastlink zu {name}',
  'guests.once': 'Jetzt kopieren: Der Link wird nicht noch einmal gezeigt.',
  'guests.copy': 'Link kopieren',
  'guests.qr': 'Gastlink als QR-Code',
  'guests.tellPin': 'Dem Gast die PIN auf anderem Weg sagen als den Link.',
  'guests.kept': 'Ich habe ihn',
  'guests.change': 'Ändern',
  'guests.revoke': 'Widerrufen',
  'guests.revokeOne': 'Gastlink zu {name} widerrufen?',
  'guests.revoke.text':
    'Sitzungen von Gästen enden sofort, und der Link führt nirgendwohin mehr. '
    + 'Das lässt sich nicht rückgängig machen.',
  'guests.remove': 'Aus der Liste nehmen',
  'guests.removeOne': 'Gastlink zu {name} aus der Liste nehmen?',
  'guests.remove.text':
    'Er führt nirgendwohin mehr. Was Gäste getan haben, bleibt im Protokoll.',
  'guests.empty': 'Noch keine Gastlinks',
  'guests.empty.text':
    'Mit einem Gastlink benutzt jemand ohne Konto ein Gerät im Browser: für '
    + 'Stunden oder Tage, so oft wie angegeben, mit den Rechten, die man '
    + 'wählt.',
};
