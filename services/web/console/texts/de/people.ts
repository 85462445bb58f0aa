import type { people as English } from '../en/people';

export const people: Record<keyof typeof English, string> = {
  'users.name': 'Name',
  'users.name.help': 'Zum Anmelden.',
  'users.displayName': 'Voller Name',
  'users.email': 'Mailadresse',
  'users.state': 'Zustand',
  'users.active': 'Aktiv',
  'users.isDisabled': 'Gesperrt',
  'users.invited': 'Eingeladen',
  'users.group': 'Benutzergruppe',
  'users.rights': 'Rechte',
  'users.fullAdmin': 'Volladministrator',
  'users.fullAdmin.help': 'Darf auf diesem Server alles.',
  'users.roleCount': '{n|Eine Rolle|# Rollen}',
  'users.noRoles': 'Es gibt noch keine Administratorrollen.',
  'users.2fa': 'Anmeldung in zwei Schritten',
  'users.2faOn': 'An',
  'users.2faOff': 'Aus',
  'users.2faMust': 'Verlangt, nicht eingerichtet',
  'users.controlRole': 'Steuerungsrolle',
  'users.controlRole.help': 'Was der Benutzer während Sitzungen darf.',
  'users.strategy': 'Strategie',
  'users.strategy.help': 'Für Geräte des Benutzers, die keine eigene haben.',
  'users.source': 'Konto aus',
  'users.local': 'Diesem Server',
  'users.fromDirectory': 'Verzeichnis',
  'users.fromSso': 'Single Sign-on',
  'users.since': 'Seit',
  'users.note': 'Notiz',
  'users.mailCode': 'Code per Mail beim Anmelden',
  'users.search': 'Benutzer suchen',
  'users.empty': 'Keine Benutzer',
  'users.create': 'Benutzer anlegen',
  'users.firstPassword': 'Erstes Kennwort',
  'users.firstPassword.help':
    'Mindestens 8 Zeichen; der Benutzer kann es ändern.',
  'users.invite': 'Benutzer einladen',
  'users.invite.text':
    'Der Benutzer bekommt eine Mail mit einem Link, eine Woche gültig, '
    + 'und wählt ein Kennwort.',
  'users.sendInvite': 'Einladung senden',
  'users.import': 'Benutzer importieren',
  'users.enable': 'Freigeben',
  'users.disable': 'Sperren',
  'users.enabled': '{name} ist freigegeben',
  'users.disabled': '{name} ist gesperrt und überall abgemeldet',
  'users.enforce': 'Zwei Schritte verlangen',
  'users.dropEnforce': 'Zwei Schritte nicht mehr verlangen',
  'users.enforced':
    'Zwei Schritte werden von {n|einem Benutzer|# Benutzern} verlangt',
  'users.notEnforced':
    'Zwei Schritte werden von {n|einem Benutzer|# Benutzern} nicht mehr '
    + 'verlangt',
  'users.passkeys': 'Passkeys',
  'users.passkeys.remove': 'Passkeys entfernen',
  'users.passkeys.text':
    '{name} kann sich dann nur mit dem Kennwort anmelden und neue anlegen.',
  'users.reset2fa': 'Zwei Schritte zurücksetzen',
  'users.reset2fa.text':
    '{name} kann sich dann mit dem Kennwort allein anmelden und es neu '
    + 'einrichten.',
  'users.relink': 'Mit Verzeichniskonto verknüpfen',
  'users.relink.text':
    'Wer sich als Nächstes von dort als {name} anmeldet, übernimmt dieses '
    + 'Konto, einmal, wem immer es gehörte. Das Kennwort hier gilt dann nicht '
    + 'mehr.',
  'users.relink.from': 'Verzeichnis oder Anbieter',
  'users.relink.none': 'Es gibt noch kein Verzeichnis und keinen Anbieter:',
  'users.relinked': '{name} wird bei der nächsten Anmeldung von dort verknüpft',
  'users.noneMay': 'Ihre Rolle umfasst das für keinen der Ausgewählten',
  'users.logout': 'Überall abmelden',
  'users.logout.one':
    'Alle Sitzungen von {name} enden, in Clients und Browsern.',
  'users.logout.many':
    'Alle Sitzungen von {n} Benutzern enden, in Clients und Browsern.',
  'users.loggedOut': '{n|Ein Benutzer ist|# Benutzer sind} überall abgemeldet',
  'users.setPassword': 'Kennwort setzen',
  'users.setPassword.text':
    '{name} wird überall abgemeldet und nutzt von da an das neue '
    + 'Kennwort. Passkeys bleiben: Entfernen Sie sie, falls ein anderer einen '
    + 'haben kann.',
  'users.delete': 'Löschen',
  'users.deleteOne': '{name} löschen?',
  'users.deleteMany': '{n} Benutzer löschen?',
  'users.delete.text':
    'Das Konto, seine Sitzungen und sein Adressbuch sind fort. Seine '
    + 'Geräte bleiben und gehören niemandem.',
  'users.details': 'Angaben',
  'users.signIn': 'Anmeldung',
  'users.saveDetails': 'Angaben speichern',
  'users.saveRights': 'Rechte speichern',
  'users.saved': '{name} gespeichert',
  'users.showDevices': 'Geräte des Benutzers zeigen',
  'users.showChanges': 'Änderungen des Benutzers zeigen',
  'import.text': 'Eine CSV-Datei, deren erste Zeile die Spalten nennt:',
  'import.file': 'CSV-Datei',
  'import.created': 'Neu',
  'import.changed': 'Ändert sich',
  'import.unchanged': 'Bleibt wie es ist',
  'import.refused': 'Nicht möglich',
  'import.preview': 'Was geschehen wird',
  'import.empty': 'leer',
  'import.more': '{n|und eine weitere|und # weitere}',
  'import.cells': 'Eine leere Zelle lässt alles, wie es ist, „-“ leert es.',
  'import.run': '{n|Eine Zeile|# Zeilen} übernehmen',
  'users.import.note': 'Kennwörter gelten für neue Benutzer.',
  'groups.name': 'Name',
  'groups.note': 'Notiz',
  'groups.rules': 'Regeln',
  'groups.created': 'Angelegt',
  'groups.search': 'Gruppen suchen',
  'groups.details': 'Angaben',
  'groups.save': 'Gruppe speichern',
  'groups.saved': '{name} gespeichert',
  'groups.moved': '{name} geändert',
  'groups.showMembers': 'Mitglieder zeigen',
  'groups.allMembers': 'Alle {n}',
  'groups.delete': 'Gruppe löschen',
  'groups.deleteOne': '{name} löschen?',
  'groups.delete.text':
    'Ihre Regeln gehen mit. Eine Benutzergruppe muss leer sein.',
  'userGroups.create': 'Benutzergruppe anlegen',
  'userGroups.empty': 'Noch keine Benutzergruppen',
  'userGroups.empty.text':
    'Mitglieder einer Gruppe erreichen die Geräte der anderen; Regeln '
    + 'öffnen den Weg darüber hinaus.',
  'userGroups.add': 'Benutzer hinzufügen',
  'userGroups.noMembers': 'Niemand ist in dieser Gruppe.',
  'deviceGroups.create': 'Gerätegruppe anlegen',
  'deviceGroups.empty': 'Noch keine Gerätegruppen',
  'deviceGroups.empty.text':
    'Gerätegruppen sagen, wer viele Geräte auf einmal erreichen darf und '
    + 'welche Strategie sie bekommen.',
  'deviceGroups.add': 'Gerät hinzufügen',
  'deviceGroups.noMembers': 'Kein Gerät ist in dieser Gruppe.',
  'deviceGroups.strategy.help':
    'Für Geräte, die selbst keine Strategie haben und deren Benutzer '
    + 'keine hat.',
  'deviceGroups.saveStrategy': 'Strategie speichern',
  'access.always': 'Was ohne Regeln gilt',
  'access.ownDevices':
    'Benutzer erreichen die Geräte, die ihnen zugewiesen sind.',
  'access.ownGroup':
    'Mitglieder einer Benutzergruppe erreichen die Geräte der anderen '
    + 'Mitglieder.',
  'access.mode.assigned':
    'Geräte, die niemandem gehören, kann jeder erreichen.',
  'access.mode.strict': 'Ohne Anmeldung verbindet sich niemand.',
  'access.off': 'Regeln sind abgeschaltet',
  'access.off.text':
    'Wer ein Gerät und sein Kennwort kennt, kann sich verbinden.',
  'access.change': 'Ändern',
  'access.disabled':
    'Gesperrte Benutzer und Geräte erreichen nichts und sind nicht '
    + 'erreichbar.',
  'access.rules': 'Regeln',
  'access.empty': 'Noch keine Regeln',
  'access.empty.text':
    'Eine Regel lässt eine Gruppe oder einen Benutzer Geräte außerhalb '
    + 'der eigenen Gruppe erreichen.',
  'access.create': 'Regel hinzufügen',
  'access.allow': 'Erlauben',
  'access.who': 'Wer',
  'access.what': 'Was',
  'access.membersOf': 'Mitglieder einer Benutzergruppe',
  'access.oneUser': 'Ein Benutzer',
  'access.devicesOf': 'Geräte einer Benutzergruppe',
  'access.deviceGroup': 'Eine Gerätegruppe',
  'access.userName': 'Benutzer',
  'access.groupName': 'Benutzergruppe',
  'access.deviceGroupName': 'Gerätegruppe',
  'access.removed': 'Regel entfernt',
  'access.noneHere': 'Diese Gruppe hat keine Regeln.',
  'access.all': 'Alle Regeln',
  'access.user.user_group': '{who} darf auf die Geräte von {what} zugreifen',
  'access.user.device_group':
    '{who} darf auf die Gerätegruppe {what} zugreifen',
  'access.user_group.user_group':
    'Mitglieder von {who} dürfen auf die Geräte von {what} zugreifen',
  'access.user_group.device_group':
    'Mitglieder von {who} dürfen auf die Gerätegruppe {what} zugreifen',
  'change.title': 'Wer Zugriff bekommt und wer ihn verliert',
  'change.asking': 'Es wird ermittelt, wer Zugriff bekommt oder verliert …',
  'change.none': 'Dadurch ändert sich kein Zugriff.',
  'change.sum': 'Zugriffe hinzu: {gains}. Zugriffe verloren: {loses}.',
  'change.counted':
    'Jeder Benutzer zählt mit jedem Gerät; betroffen: '
    + '{n|ein Gerät|# Geräte}.',
  'change.nobody': 'Wer nicht angemeldet ist',
  'change.gains': 'bekommt {what}',
  'change.loses': 'verliert {what}',
  'change.everything': 'alles',
  'change.first': 'Die ersten {n} sind genannt.',
  'change.failed':
    'Wer Zugriff bekommt oder verliert, lässt sich nicht sagen. {why} '
    + 'Die Änderung ist trotzdem möglich.',
  'change.many': 'Es wird für bis zu {n} auf einmal gesagt.',
  'access.remove': 'Regel entfernen',
  'access.removeOne': 'Diese Regel entfernen?',
  'groups.addOne': '{name} hinzufügen?',
  'groups.add.text':
    '{name} kommt in die Gruppe {group} und verlässt die bisherige.',
  'groups.addIt': 'Hinzufügen',
  'groups.removeOne': '{name} entfernen?',
  'groups.remove.text': '{name} ist danach in keiner Gruppe.',
  'groups.removeIt': 'Entfernen',
  'users.enableOne': '{name} freigeben?',
  'users.enable.text': 'Wer freigegeben ist, kann sich wieder anmelden.',
  'users.disableOne': '{name} sperren?',
  'users.enableMany': '{n|Einen Benutzer|# Benutzer} freigeben?',
  'users.disableMany': '{n|Einen Benutzer|# Benutzer} sperren?',
  'users.disable.text':
    'Wer gesperrt ist, wird überall abgemeldet und kann sich nicht anmelden.',
  'users.signedIn': 'Letzte Anmeldung',
  'users.notSignedIn': 'Nicht angemeldet seit',
  'users.filterAway': 'seit über {n|einem Tag|# Tagen} nicht angemeldet',
  'users.noRights': 'Keine',
};
