import type { devices as English } from '../en/devices';

export const devices: Record<keyof typeof English, string> = {
  'devices.name': 'Name',
  'devices.id': 'ID',
  'devices.state': 'Zustand',
  'devices.online': 'Online',
  'devices.offline': 'Offline',
  'devices.isDisabled': 'Gesperrt',
  'devices.user': 'Benutzer',
  'devices.userGroup': 'Benutzergruppe',
  'devices.group': 'Gerätegruppe',
  'devices.strategy': 'Strategie',
  'devices.os': 'System',
  'devices.version': 'Version',
  'devices.lastSeen': 'Zuletzt gesehen',
  'devices.now': 'Jetzt',
  'devices.username': 'Angemeldetes Konto',
  'devices.address': 'Adresse',
  'devices.added': 'Hinzugefügt',
  'devices.note': 'Notiz',
  'devices.cpu': 'Prozessor',
  'devices.memory': 'Speicher',
  'devices.search': 'Geräte suchen',
  'devices.allowed': 'Freigegeben',
  'devices.unseen': 'Nicht gesehen seit',
  'devices.unassigned': 'Ohne Benutzer und Gruppe',
  'devices.days': '{n|einem Tag|# Tagen}',
  'devices.filterOnline': 'online',
  'devices.filterOffline': 'offline',
  'devices.filterEnabled': 'freigegeben',
  'devices.filterDisabled': 'gesperrt',
  'devices.filterUnseen': 'seit mehr als {n|einem Tag|# Tagen} offline',
  'devices.within': '{n|am letzten Tag|in den letzten # Tagen}',
  'devices.filterUnassigned': 'ohne Benutzer und Gruppe',
  'devices.connect': 'Verbinden',
  'devices.inBrowser': 'Im Browser',
  'devices.web.desktop': 'Bildschirm',
  'devices.web.files': 'Dateien',
  'devices.web.terminal': 'Terminal',
  'devices.web.camera': 'Kamera',
  'sessions.gone': 'Das Gerät ist offline',
  'devices.copyId': 'ID kopieren',
  'devices.share': 'Mit einem Gast teilen',
  'devices.edit': 'Name und Notiz ändern',
  'devices.import': 'Geräte importieren',
  'devices.import.note': 'Status ist 1 für freigegeben, 0 für gesperrt.',
  'devices.assign': 'Zuweisen',
  'devices.assignUser': 'Benutzer zuweisen',
  'devices.assignGroup': 'In Gerätegruppe legen',
  'devices.assignStrategy': 'Strategie zuweisen',
  'devices.nobody': 'Niemand, keine',
  'devices.count': '{n|Ein Gerät|# Geräte}',
  'devices.changed': '{name} geändert',
  'devices.enable': 'Freigeben',
  'devices.disable': 'Sperren',
  'devices.enabled': '{name} ist freigegeben',
  'devices.disabled': '{name} ist gesperrt: Niemand kann sich verbinden',
  'devices.retire': 'Ablegen',
  'devices.retired': '{name} ist abgelegt, bis es sich wieder meldet',
  'devices.takeBack': 'Zurückholen',
  'devices.delete': 'Löschen',
  'devices.deleteOne': '{name} löschen?',
  'devices.deleteMany': '{n} Geräte löschen?',
  'devices.delete.text':
    'Es verlässt alle Gruppen und Regeln und bleibt fort, bis jemand es '
    + 'zurückkommen lässt (Einstellungen, Gelöschte Geräte). Ein Gerät, '
    + 'das online ist, kann nicht gelöscht werden.',
  'devices.empty': 'Noch keine Geräte',
  'devices.empty.text':
    'Ein Gerät erscheint hier, sobald sein Client diesen Server kennt.',
  'devices.setUp': 'Einen Client einrichten',
  'devices.about': 'Angaben',
  'devices.sessions': 'Sitzungen',
  'devices.settings': 'Einstellungen',
  'devices.access': 'Zugang',
  'devices.noSessions': 'Noch keine Sitzungen',
  'devices.noSessions.text': 'Hier stehen die Verbindungen zu diesem Gerät.',
  'devices.noStrategy': 'Keine Strategie gilt',
  'devices.noStrategy.text':
    'Das Gerät behält seine eigenen Einstellungen. Eine Strategie kann '
    + 'vom Gerät, seinem Benutzer oder seiner Gerätegruppe kommen.',
  'devices.fromDevice':
    'Es gilt die Strategie {name}, dem Gerät selbst zugewiesen.',
  'devices.fromUser':
    'Es gilt die Strategie {name}, dem Benutzer des Geräts zugewiesen.',
  'devices.fromGroup':
    'Es gilt die Strategie {name}, der Gerätegruppe zugewiesen.',
  'devices.openStrategy': 'Öffnen',
  'devices.deviceSays': 'Die Strategie {name} des Geräts würde sagen: {value}',
  'devices.userSays': 'Die Strategie {name} des Benutzers würde sagen: {value}',
  'devices.groupSays':
    'Die Strategie {name} der Gerätegruppe würde sagen: {value}',
  'devices.hidden': 'Geheim',
  'devices.confirmed': 'Das Gerät hat sie',
  'devices.unconfirmed': 'Das Gerät hat sie noch nicht bestätigt',
  'devices.withheld': 'Dem Gerät noch nicht gegeben',
  'devices.withheld.text':
    'Die Strategie enthält Geheimes, und für dieses Gerät hat sich niemand '
    + 'verbürgt: Geben Sie es frei, oder nehmen Sie es mit einem Token auf.',
  'devices.strategyOff.text':
    'Die zugewiesene Strategie ist ausgeschaltet; das Gerät behält seine '
    + 'eigenen Einstellungen.',
  'devices.unless': '{value}, wenn am Gerät nichts gesetzt ist',
  'devices.free': 'Dem Gerät überlassen ({n})',
  'devices.free.text': 'Diese legt keine geltende Strategie fest.',
  'explain.title': 'Erklären',
  'explain.text': 'Fragt die Regeln, die beim Verbinden entscheiden.',
  'explain.user': 'Benutzer',
  'explain.nobody': 'Leer: jemand, der nicht angemeldet ist.',
  'explain.device': 'Gerät',
  'explain.kind': 'Art der Sitzung',
  'explain.kind.remote': 'Fernsteuerung',
  'explain.kind.file': 'Dateien',
  'explain.kind.tunnel': 'Portweiterleitung',
  'explain.kind.rdp': 'Windows-Remotedesktop',
  'explain.kind.camera': 'Kamera',
  'explain.kind.terminal': 'Terminal',
  'explain.action': 'Fragen',
  'explain.yes': 'Erlaubt',
  'explain.no': 'Nicht erlaubt',
  'explain.ok': 'Nichts verbietet es.',
  'explain.user_disabled': 'Der Benutzer ist gesperrt.',
  'explain.device_disabled': 'Das Gerät ist gesperrt.',
  'explain.owner_disabled': 'Der Benutzer des Geräts ist gesperrt.',
  'explain.sign_in': 'Wer sich verbindet, muss angemeldet sein.',
  'explain.no_rule':
    'Das Gerät gehört jemandem, und keine Regel lässt diesen Benutzer '
    + 'darauf zugreifen.',
  'explain.role':
    'Die Steuerungsrolle des Benutzers verbietet diese Art von Sitzung.',
  'explain.unassigned':
    'Das Gerät gehört niemandem: Jeder darf darauf zugreifen.',
  'explain.rule.owner':
    'Das Gerät gehört dem Benutzer selbst.',
  'explain.rule.same_user_group':
    'Der Benutzer des Geräts, {owner}, ist in derselben Gruppe, '
    + '{group}.',
  'explain.rule.user_group_may_reach_user_group':
    'Die Gruppe {group} darf auf die Geräte von {owners} zugreifen, zu '
    + 'der der Benutzer des Geräts, {owner}, gehört.',
  'explain.rule.user_group_lets_in':
    'Die Gruppe {owners}, zu der der Benutzer des Geräts, {owner}, '
    + 'gehört, lässt diesen Benutzer herein.',
  'explain.rule.user_group_may_reach_device_group':
    'Die Gruppe {group} darf auf die Gerätegruppe {devices} zugreifen.',
  'explain.rule.device_group_lets_in':
    'Die Gerätegruppe {devices} lässt diesen Benutzer herein.',
  'explain.on': 'Von der Rolle {role} immer erlaubt: {what}.',
  'explain.off': 'Von der Rolle {role} nie erlaubt: {what}.',
  'explain.own': 'Was erlaubt ist, bestimmen die Einstellungen des Geräts.',
  'sessions.since': 'Seit',
  'sessions.for': 'Dauer',
  'sessions.empty': 'Niemand ist verbunden',
  'sessions.empty.text':
    'Sitzungen erscheinen hier in dem Moment, in dem sie beginnen.',
  'sessions.disconnect': 'Trennen',
  'sessions.disconnect.text':
    '{user} verliert sofort die Verbindung zu {device} und erfährt, dass '
    + 'ein Administrator sie getrennt hat.',
  'sessions.disconnecting': 'Das Gerät beendet die Sitzung in wenigen Sekunden',
  'books.name': 'Name',
  'books.owner': 'Besitzer',
  'books.mine': 'Meins',
  'books.personal': 'Mein Adressbuch',
  'books.level': 'Stufe',
  'books.level.1': 'Lesen',
  'books.level.2': 'Lesen und ändern',
  'books.level.3': 'Voller Zugriff',
  'books.levelOf': 'Stufe von {name}',
  'books.search': 'Adressbücher suchen',
  'books.create': 'Adressbuch anlegen',
  'books.create.text':
    'Ein geteiltes Adressbuch können Sie Benutzern und Gruppen geben.',
  'books.delete': 'Adressbuch löschen',
  'books.deleteOne': '{name} löschen?',
  'books.delete.text':
    'Das Buch und seine Einträge sind für alle fort, mit denen es '
    + 'geteilt ist.',
  'books.entries': 'Geräte',
  'books.searchEntries': 'Nach Namen suchen',
  'books.addEntry': 'Gerät hinzufügen',
  'books.import': 'Einträge importieren',
  'books.import.note':
    'Schlagwörter stehen mit Kommas in einer Zelle; neue werden angelegt.',
  'books.editEntry': 'Eintrag ändern',
  'books.entryId': 'ID oder Adresse',
  'books.entryId.help':
    'Die ID des Geräts oder eine IP-Adresse für den direkten Zugriff.',
  'books.alias': 'Name in diesem Buch',
  'books.password': 'Geteiltes Kennwort',
  'books.password.help':
    'Nutzen alle, die sich aus diesem Buch verbinden. Leer: wie bisher.',
  'books.entriesRemoved': '{n|Ein Gerät|# Geräte} in den Papierkorb gelegt',
  'books.noEntries': 'Keine Geräte in diesem Buch',
  'books.noEntries.text':
    'Fügen Sie die Geräte hinzu, mit denen Sie sich oft verbinden.',
  'books.tags': 'Schlagwörter',
  'books.tags.text':
    'Schlagwörter gruppieren die Geräte eines Buchs; Clients filtern '
    + 'danach.',
  'books.tagName': 'Neues Schlagwort',
  'books.nameOf': 'Name von {name}',
  'books.colourOf': 'Farbe von {name}',
  'books.tagAdded': 'Schlagwort {name} hinzugefügt',
  'books.tagSaved': 'Schlagwort gespeichert',
  'books.deleteTag': 'Schlagwort {name} entfernen?',
  'books.deleteTag.text': 'Es wird von allen Geräten des Buchs genommen.',
  'books.sharing': 'Teilen',
  'books.sharing.text':
    'Eine Regel für einen Benutzer geht der für seine Gruppe vor, und '
    + 'diese der für alle.',
  'books.notShared': 'Noch mit niemandem geteilt.',
  'books.share': 'Teilen',
  'books.shareWith': 'Teilen mit',
  'books.aGroup': 'Einer Benutzergruppe',
  'books.aUser': 'Einem Benutzer',
  'books.everybody': 'Allen',
  'books.groupNamed': 'Gruppe {name}',
  'books.shareSaved': 'Freigabe geändert',
  'books.shareRemoved': 'Nicht mehr geteilt',
  'books.bin': 'Papierkorb',
  'books.emptyBin': 'Der Papierkorb ist leer',
  'books.emptyBin.text':
    'Hier warten Einträge, die aus dem Buch entfernt wurden.',
  'books.restore': 'Wiederherstellen',
  'books.restored': '{n|Ein Eintrag|# Einträge} wiederhergestellt',
  'books.deleteForGood': 'Endgültig löschen',
  'books.deleteForGood.text':
    '{n|Ein Eintrag wird|# Einträge werden} gelöscht und lassen sich '
    + 'nicht wiederherstellen.',
  'books.about': 'Angaben',
  'books.save': 'Adressbuch speichern',
  'books.saved': 'Adressbuch gespeichert',
  'books.bookPassword': 'Kennwort für alle Geräte des Buchs',
  'books.bookPassword.help':
    'Wird genutzt, wo ein Gerät kein eigenes Kennwort hat.',
  'books.bookPassword.set': 'Eines ist gesetzt. Leer: wie bisher.',
  'setup.string': 'Konfigurationszeichenfolge',
  'setup.string.text':
    'Im Client: Einstellungen, Netzwerk, Serverkonfiguration '
    + 'importieren. Nimmt sie aus der Zwischenablage.',
  'setup.copyString': 'Konfigurationszeichenfolge kopieren',
  'setup.oneDevice': 'Ein Gerät',
  'setup.oneDevice.text':
    'Führen Sie den Befehl auf dem Gerät aus, oder scannen Sie damit den '
    + 'Code.',
  'setup.windows': 'Windows',
  'setup.macos': 'macOS',
  'setup.linux': 'Linux',
  'setup.android': 'Android, iOS',
  'setup.command.windows':
    'Bei installiertem Client, in einer Eingabeaufforderung als '
    + 'Administrator:',
  'setup.command.macos': 'Bei installiertem Client, im Terminal:',
  'setup.command.linux': 'Bei installiertem Client, in einem Terminal:',
  'setup.fileName':
    'Oder ohne Installation: Geben Sie dem heruntergeladenen Client '
    + 'diesen Dateinamen und starten Sie ihn.',
  'setup.scan': 'In der App: Einstellungen, ID/Relay-Server, die Kamera oben.',
  'setup.adb': 'Oder mit dem Gerät am Kabel (adb):',
  'setup.adb.text':
    'Apps ab 1.4.9 nehmen das nur an, wenn sie mit '
    + 'allow-deep-link-server-settings gebaut sind; andere sagen '
    + '„Fehlgeschlagen“. Der Code geht immer, und auch die Zeichenkette: '
    + 'kopieren, dann auf derselben Seite oben einfügen.',
  'setup.qr': 'QR-Code mit der Konfiguration',
  'setup.rollOut': 'Viele Geräte',
  'setup.rollOut.text':
    'Ohne Zutun, aus einem Skript oder Ihrer Softwareverteilung, nach '
    + 'dem Befehl oben.',
  'setup.token':
    'Ersetzen Sie TOKEN durch ein API-Token, das Geräte schreiben darf, '
    + 'NAME und GROUP durch Namen aus dieser Konsole.',
  'setup.tokens': 'API-Tokens',
  'setup.deploy':
    'Wo neue Geräte erst freigegeben werden müssen (Einstellungen), '
    + 'lässt dies eines herein:',
  'setup.byHand': 'Von Hand',
  'setup.byHand.text': 'Wonach die Netzwerkeinstellungen des Clients fragen.',
  'setup.idServer': 'ID-Server',
  'setup.relayServer': 'Relay-Server',
  'setup.apiServer': 'API-Server',
  'setup.key': 'Schlüssel',
  'setup.noKey': 'Der Schlüssel des Servers ist hier nicht bekannt',
  'setup.noKey.text':
    'Die API liest den öffentlichen Schlüssel aus id_ed25519.pub (KEY). '
    + 'Ohne ihn lässt sich von dieser Seite aus kein Client einrichten.',
};
