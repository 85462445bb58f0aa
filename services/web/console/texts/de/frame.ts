import type { frame as English } from '../en/frame';

export const frame: Record<keyof typeof English, string> = {
  'nav.overview': 'Übersicht',
  'nav.devices': 'Geräte',
  'nav.sessions': 'Laufende Sitzungen',
  'nav.sessions.brief': 'Sitzungen',
  'nav.books': 'Adressbücher',
  'nav.guestLinks': 'Gastlinks',
  'nav.users': 'Benutzer',
  'nav.userGroups': 'Benutzergruppen',
  'nav.deviceGroups': 'Gerätegruppen',
  'nav.access': 'Wer darf wohin',
  'nav.strategies': 'Strategien',
  'nav.controlRoles': 'Steuerungsrollen',
  'nav.adminRoles': 'Administratorrollen',
  'nav.audit': 'Protokoll',
  'nav.recordings': 'Aufzeichnungen',
  'nav.setup': 'Clients einrichten',
  'nav.settings': 'Einstellungen',
  'nav.me': 'Mein Konto',
  'nav.inventory': 'Bestand',
  'nav.people': 'Zugang',
  'nav.policy': 'Regeln',
  'nav.records': 'Nachweise',
  'nav.server': 'Server',
  'frame.name': 'RustDesk-Server',
  'frame.account': 'Konto von {name}',
  'frame.shortcuts': 'Tastenkürzel',
  'frame.signOut': 'Abmelden',
  'frame.back': 'Zurück zur Liste',
  'frame.navigation': 'Seiten',
  'frame.narrow': 'Nur Symbole zeigen',
  'frame.widen': 'Namen zeigen',
  'frame.skip': 'Zum Inhalt springen',
  'frame.noPage': 'Diese Seite gibt es nicht',
  'frame.noPage.text':
    'Die Adresse stimmt nicht, oder die Seite ist umgezogen.',
  'frame.notYours': 'Ihre Rolle umfasst diese Seite nicht',
  'frame.notYours.text':
    'Ein Administrator kann Ihnen das Recht mit einer Administratorrolle '
    + 'geben.',
  'frame.home': 'Zum Anfang',
  'frame.switchTheme': 'Zwischen Hell und Dunkel wechseln',
  'keys.palette': 'Suche und Befehle',
  'keys.search': 'Diese Liste durchsuchen',
  'keys.move': 'Nächste und vorige Zeile',
  'keys.choose': 'Zeile auswählen',
  'keys.open': 'Zeile öffnen',
  'keys.close': 'Offenes schließen',
  'keys.list': 'Diese Liste',
  'unsafe.title': 'Öffnen Sie diese Seite über https',
  'unsafe.text':
    'Über einfaches http könnten Kennwörter und Sitzungen unterwegs '
    + 'mitgelesen werden. Die Konsole gibt es nur über https.',
  'unsafe.action': 'Zu https wechseln',
  'reauth.title': 'Bestätigen Sie, dass Sie es sind',
  'reauth.text':
    'Das ist eine heikle Änderung. Danach werden Sie zehn Minuten lang '
    + 'nicht mehr gefragt.',
  'reauth.action': 'Bestätigen',
  'overview.online': 'Geräte online',
  'overview.of': 'von {n}',
  'overview.sessions': 'Sitzungen',
  'overview.relayed': 'Über Relay',
  'overview.traffic': 'Relay-Verkehr',
  'overview.users': 'Benutzer',
  'overview.alarms': 'Alarme',
  'overview.day': 'in 24 Stunden',
  'overview.attention': 'Braucht Aufmerksamkeit',
  'overview.allGood': 'Alles läuft',
  'overview.look': 'Ansehen',
  'overview.redisDown':
    'Die Datenbank antwortet nicht: Änderungen werden abgelehnt, bis sie '
    + 'zurück ist.',
  'attention.node_draining':
    '{name} nimmt keine neuen Sitzungen an: Es läuft leer.',
  'attention.versions_differ':
    'Die Server haben nicht alle dieselbe Version.',
  'attention.no_rendezvous':
    'Kein Vermittlungsserver läuft: Geräte können sich nicht melden.',
  'attention.no_relay':
    'Kein Relay läuft: Nur direkte Verbindungen gehen.',
  'attention.redis_nearly_full':
    'Die Datenbank ist fast voll: Neue Geräte werden abgelehnt.',
  'attention.redis_unsaved':
    'Die Datenbank kann nicht auf ihre Platte schreiben: Ein Neustart '
    + 'verlöre Änderungen.',
  'attention.certificate_expired':
    'Das Zertifikat von {name} ist abgelaufen: Clients und Browser lehnen '
    + 'es ab.',
  'attention.certificate_ends':
    'Das Zertifikat von {name} endet in {n|einem Tag|# Tagen}: Es wurde '
    + 'nicht erneuert.',
  'attention.certificate_name':
    'Das Zertifikat bei {name} gilt für einen anderen Namen: Clients lehnen '
    + 'es ab.',
  'attention.alarms':
    '{n|Ein Alarm|# Alarme} in 24 Stunden.',
  'attention.clones':
    '{n|Eine ID wird|# IDs werden} von mehreren Rechnern benutzt: '
    + 'Verbindungen erreichen mal den einen, mal den anderen.',
  'overview.nodes': 'Server',
  'overview.node': 'Name',
  'overview.role': 'Aufgabe',
  'overview.role.hbbs': 'Vermittlung',
  'overview.role.hbbr': 'Relay',
  'overview.role.api': 'API',
  'overview.load': 'Last',
  'overview.started': 'Gestartet',
  'overview.draining': 'Läuft leer',
  'overview.serving': 'In Betrieb',
  'overview.nSessions': '{n|eine Sitzung|# Sitzungen}',
  'overview.allSessions': 'Alle Sitzungen',
  'overview.span': 'Gezeigte Zeit',
  'overview.lastDay': 'Letzte 24 Stunden',
  'overview.lastYear': 'Letztes Jahr',
  'overview.full': 'Vollbild für die Wand',
  'lists.title': 'Adresslisten der Relays',
  'lists.what': 'Wirkung',
  'lists.BLACKLIST': 'Gedrosselt',
  'lists.BLOCKLIST': 'Abgewiesen',
  'lists.addresses': 'Adressen',
  'lists.file': 'Datei',
  'lists.loaded': 'Gelesen',
  'lists.none': 'Keine',
  'lists.entries': '{n|ein Eintrag|# Einträge}',
  'lists.more': 'und {n} weitere',
  'lists.missing': 'Nicht vorhanden',
  'lists.noFile': 'Keine Datei',
  'lists.bad': '{n|Eine Zeile ist|# Zeilen sind} keine Adresse',
  'guide.title': 'Erste Schritte',
  'guide.progress': '{done} von {total} erledigt',
  'guide.done': 'Erledigt',
  'guide.skip': 'Überspringen',
  'guide.again': 'Erste Schritte zeigen',
  'guide.password': 'Wählen Sie ein eigenes Kennwort',
  'guide.password.text':
    'Das erste hat der Server gemacht; es steht in seinen Dateien.',
  'guide.tfa': 'Schützen Sie Ihr Konto',
  'guide.tfa.text': 'Schalten Sie die Anmeldung in zwei Schritten ein.',
  'guide.name': 'Geben Sie dem Server seinen öffentlichen Namen',
  'guide.name.text':
    'Links in Mails und Single Sign-on brauchen ihn (PUBLIC_URL).',
  'guide.certificate': 'Holen Sie ein Zertifikat, dem alle vertrauen',
  'guide.certificate.none':
    'Setzen Sie SERVER_NAME und ACME_EMAIL, oder PUBLIC_URL; dann wird es '
    + 'hier angesehen.',
  'guide.device': 'Verbinden Sie das erste Gerät',
  'guide.device.text':
    'Kopieren Sie den Befehl oder scannen Sie den Code; es erscheint '
    + 'hier von selbst.',
  'guide.users': 'Legen Sie Ihre Kollegen an',
  'guide.users.text': 'Einzeln, aus einer Datei oder per Einladung.',
  'guide.mail': 'Richten Sie den Mailversand ein',
  'guide.mail.text': 'Für Einladungen, Anmeldecodes und Alarme.',
  'guide.directory': 'Binden Sie ein Verzeichnis an',
  'guide.directory.text':
    'Benutzer melden sich mit dem Konto an, das sie schon haben.',
};
