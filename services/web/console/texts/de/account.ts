import type { account as English } from '../en/account';

export const account: Record<keyof typeof English, string> = {
  'signIn.title': 'Anmelden',
  'signIn.name': 'Name',
  'signIn.password': 'Kennwort',
  'signIn.action': 'Anmelden',
  'signIn.forgot': 'Kennwort vergessen?',
  'signIn.first': 'Zum ersten Mal hier?',
  'signIn.first.text':
    'Das erste Kennwort gehört dem Benutzer admin. Dieser Befehl auf dem '
    + 'Server liest es:',
  'signIn.copyCommand': 'Befehl kopieren',
  'signIn.code': 'Code',
  'signIn.codeApp': 'Geben Sie den Code ein, den Ihre App zeigt.',
  'signIn.codeHelp': 'Oder einen Ihrer Wiederherstellungscodes.',
  'signIn.codeMail': 'Ein Code wurde an {mail} gesendet. Er gilt zehn Minuten.',
  'signIn.other': 'Anderes Konto',
  'sso.or': 'oder',
  'sso.with': 'Mit {name} anmelden',
  'sso.waiting': 'Schließen Sie die Anmeldung im anderen Fenster ab.',
  'sso.blocked':
    'Der Browser hat das Fenster des Anbieters blockiert. Erlauben Sie '
    + 'es und versuchen Sie es erneut.',
  'sso.late': 'Die Anmeldung hat zu lange gedauert. Versuchen Sie es erneut.',
  'passkey.title': 'Passkeys',
  'passkey.text':
    'Melden Sie sich mit Finger, Gesicht, PIN oder Sicherheitsschlüssel '
    + 'statt mit Name und Kennwort an. Ein neues Kennwort lässt sie, wie '
    + 'sie sind.',
  'passkey.empty': 'Noch keine.',
  'passkey.notHere':
    'Diese Adresse oder dieser Browser kennt keine Passkeys: Sie '
    + 'brauchen https, den Namen dieses Servers und ein Zertifikat, dem '
    + 'der Browser vertraut.',
  'passkey.add': 'Passkey hinzufügen',
  'passkey.name': 'Name des Passkeys',
  'passkey.added': 'Passkey hinzugefügt',
  'passkey.made': 'hinzugefügt',
  'passkey.unused': 'nie genutzt',
  'passkey.rename': 'Passkey umbenennen',
  'passkey.renameOne': '{name} umbenennen',
  'passkey.renamed': 'Passkey umbenannt',
  'passkey.renameWord': 'Umbenennen',
  'passkey.removeWord': 'Entfernen',
  'passkey.remove': 'Passkey entfernen',
  'passkey.removeOne': '{name} entfernen',
  'passkey.removed': 'Passkey entfernt',
  'passkey.remove.text':
    'Mit {name} kann sich dann niemand mehr anmelden. Entfernen Sie ihn '
    + 'auch vom Gerät oder Schlüssel.',
  'passkey.signIn': 'Mit Passkey anmelden',
  'passkey.instead': 'Stattdessen einen Passkey nutzen',
  'passkey.none': 'Vom Browser kam kein Passkey. Versuchen Sie es noch einmal.',
  'passkey.there':
    'Auf diesem Gerät oder Schlüssel haben Sie schon einen Passkey.',
  'tfa.title': 'Anmeldung in zwei Schritten einrichten',
  'tfa.text': 'Mit dem Code einer App zusätzlich zum Kennwort.',
  'tfa.demanded':
    'Ihr Administrator verlangt das, bevor Sie sich anmelden können.',
  'tfa.scan':
    'Scannen Sie dies mit einer Authenticator-App und geben Sie den Code '
    + 'ein, den sie zeigt.',
  'tfa.qr': 'QR-Code für die Authenticator-App',
  'tfa.key': 'Oder geben Sie diesen Schlüssel in die App ein',
  'tfa.code': 'Code der App',
  'tfa.setUp': 'Einrichten',
  'tfa.switchOn': 'Einschalten',
  'tfa.switchOff': 'Ausschalten',
  'tfa.switchOff.text': 'Dann reicht das Kennwort allein zum Anmelden.',
  'tfa.on': 'Die Anmeldung in zwei Schritten ist an',
  'tfa.keepCodes':
    'Bewahren Sie diese Wiederherstellungscodes sicher auf. Jeder gilt '
    + 'einmal, wenn die App nicht zur Hand ist.',
  'tfa.download': 'Herunterladen',
  'tfa.copyCodes': 'Wiederherstellungscodes kopieren',
  'tfa.allCodes': 'Alle Codes',
  'tfa.kept': 'Ich habe sie aufbewahrt',
  'recovery.renew': 'Neue Wiederherstellungscodes',
  'recovery.renew.text': 'Die jetzigen Codes gelten dann nicht mehr.',
  'password.new': 'Neues Kennwort',
  'password.again': 'Neues Kennwort noch einmal',
  'password.differ': 'Die beiden stimmen nicht überein',
  'me.profile': 'Profil',
  'me.saveProfile': 'Profil speichern',
  'me.profileSaved': 'Ihr Profil ist gespeichert',
  'me.someRights': 'Administratorrolle',
  'me.noRights': 'Benutzer',
  'me.look': 'Aussehen',
  'me.look.text': 'Wird in diesem Browser gemerkt.',
  'me.language': 'Sprache',
  'me.theme': 'Farben',
  'me.theme.system': 'Wie das System',
  'me.theme.light': 'Hell',
  'me.theme.dark': 'Dunkel',
  'me.density': 'Zeilen',
  'me.density.normal': 'Normal',
  'me.density.compact': 'Eng',
  'me.password.text': 'Sie werden überall sonst abgemeldet.',
  'me.oldPassword': 'Jetziges Kennwort',
  'me.changePassword': 'Kennwort ändern',
  'me.passwordChanged': 'Kennwort geändert',
  'me.passwordElsewhere':
    'Ihr Kennwort gehört zum Verzeichnis oder Anbieter, über den Sie '
    + 'sich anmelden.',
  'me.devices':
    'Meine Geräte',
  'me.devices.text':
    'Geräte, die Ihnen zugewiesen sind.',
  'me.noDevices':
    'Noch keine. Ein Gerät wird Ihres, wenn Sie sich darauf anmelden oder ein Administrator es zuweist.',
  'me.sessions': 'Wo Sie angemeldet sind',
  'me.sessions.text': 'Clients und Browser.',
  'me.aDevice': 'Ein Gerät',
  'me.thisOne': 'Dieser Browser',
  'me.lastUsed': 'zuletzt genutzt',
  'me.sessionEnded': 'Dort abgemeldet',
  'me.everywhere': 'Überall abmelden',
  'me.everywhere.text':
    'Jeder Client und Browser, auch dieser, muss sich neu anmelden.',
};
