import type { en } from './en';

export const de: Record<keyof typeof en, string> = {
  'main.title': 'Fernzugriff',
  'main.loading': 'Lädt',
  'main.unreachable': 'Der Server antwortet nicht. Neuer Versuch …',
  'main.insecure': 'Diese Seite braucht eine sichere Verbindung',
  'main.insecure.text': 'Was eine Sitzung braucht, etwa das Dekodieren von '
    + 'Bildern, erlauben Browser nur über https.',
  'main.insecure.link': 'Über https öffnen',
  'main.old': 'Dieser Browser ist zu alt',
  'main.old.text': 'Er kann das Bild eines Geräts nicht dekodieren. Nötig '
    + 'sind Chrome oder Edge ab 94, Firefox ab 130 oder Safari ab 16.4.',

  'use.desktop': 'Desktop',
  'use.files': 'Dateien',
  'use.terminal': 'Terminal',
  'use.tunnel': 'Webdienst',
  'use.camera': 'Kamera',
  'switcher.title': 'Was man mit dem Gerät tun kann',

  'home.title': 'Mit einem Gerät verbinden',
  'home.id': 'ID des Geräts',
  'home.idHelp': 'Sie steht im RustDesk-Fenster des Geräts. Ein Name findet '
    + 'die Geräte darunter.',
  'home.idMissing': 'Geben Sie die ID des Geräts ein.',
  'home.connect': 'Verbinden',
  'home.recent': 'Zuletzt benutzt',
  'home.devices': 'Geräte, die Sie erreichen dürfen',
  'home.forget': 'Aus der Liste nehmen',
  'home.more': 'Mehr zu {name}',
  'home.signIn': 'Anmelden',
  'home.empty': 'Hier erscheinen die Geräte, die Sie benutzt haben.',
  'home.emptySignedIn': 'Hier erscheinen die Geräte, die Sie benutzt haben, '
    + 'und die, die Sie erreichen dürfen.',
  'home.online': 'Online',
  'home.offline': 'Offline',
  'home.others': '{n|Noch eines passt|# weitere passen}: oben einen Teil des '
    + 'Namens oder der ID eingeben.',
  'home.books': 'Adressbücher',
  'home.ownBook': 'Mein Adressbuch',
  'home.bookEmpty': 'Darin ist noch kein Gerät.',
  'home.failed': 'Ihre Geräte ließen sich nicht lesen',
  'home.again': 'Noch einmal versuchen',

  'guest.one': '{name} gibt Ihnen dieses Gerät frei',
  'guest.several': '{name} gibt Ihnen diese Geräte frei',
  'guest.name': 'Gast von {name}',
  'guest.until': 'Bis',
  'guest.left': 'Verbleibende Sitzungen',
  'guest.denied': 'Nicht erlaubt',
  'guest.perm.keyboard': 'Tastatur und Maus',
  'guest.perm.clipboard': 'Zwischenablage',
  'guest.perm.file': 'Dateien',
  'guest.perm.audio': 'Ton',
  'guest.perm.terminal': 'Terminal',
  'guest.perm.camera': 'Kamera',
  'guest.offline': 'Das Gerät ist offline. Bitten Sie jemanden dort, es '
    + 'einzuschalten, und verbinden Sie sich dann.',
  'guest.pinTitle': 'Dieser Gastlink fragt nach einer PIN',
  'guest.pin': 'PIN',
  'guest.pinHelp': 'Wer Ihnen den Link geschickt hat, kennt sie.',
  'guest.pinWrong': 'Die PIN ist falsch.',
  'guest.refused': 'Dieser Gastlink geht nicht',
  'guest.byId': 'Mit einer ID verbinden',
  'guest.why.unknown': 'Diesen Gastlink gibt es nicht. Wurde er ganz kopiert? '
    + 'Sonst bitten Sie um einen neuen, wer ihn geschickt hat.',
  'guest.why.expired': 'Der Gastlink ist abgelaufen. Bitten Sie um einen neuen.',
  'guest.why.used': 'Der Gastlink wurde so oft benutzt, wie er darf. Bitten '
    + 'Sie um einen neuen.',
  'guest.why.revoked': 'Der Gastlink wurde widerrufen. Wenn Sie ihn noch '
    + 'brauchen, fragen Sie, wer ihn geschickt hat.',
  'guest.why.void': 'Der Gastlink gilt nicht mehr: Wer ihn gemacht hat, darf '
    + 'das Gerät selbst nicht mehr erreichen. Fragen Sie dort, wer es darf.',
  'guest.why.device': 'Der Gastlink führt nicht mehr zu diesem Gerät. Bitten '
    + 'Sie um einen neuen.',
  'guest.why.kind': 'Diese Art von Sitzung ist mit dem Gastlink nicht erlaubt. '
    + 'Versuchen Sie den Desktop.',
  'guest.why.too_frequent': 'Zu viele Versuche. Warten Sie eine Minute und '
    + 'versuchen Sie es dann noch einmal.',

  'step.finding': 'Gerät suchen',
  'step.relay': 'Das Gerät antwortet',
  'step.identity': 'Identität prüfen',
  'step.login': 'Am Gerät anmelden',
  'step.picture': 'Auf das erste Bild warten',
  'step.slow': 'Das dauert sonst weniger als {n} Sekunden.',

  'ask.password': 'Passwort des Geräts',
  'ask.passwordHelp': 'Oder jemand dort nimmt an: Das Gerät fragt gerade.',
  'ask.wrong': 'Das Passwort ist falsch.',
  'ask.code': 'Sechsstelliger Code',
  'ask.codeHelp': 'Aus der Authenticator-App, die zum Gerät gehört.',
  'ask.codeWrong': 'Der Code ist falsch. Warten Sie auf den nächsten.',
  'ask.trust': 'Diesen Browser nicht wieder fragen',
  'ask.sessions': 'Am Gerät sind mehrere angemeldet. Wessen Bildschirm?',
  'ask.accept': 'Warten Sie, bis jemand am Gerät annimmt.',
  'ask.minute': 'Zu viele Versuche. Das Gerät hört in {n} s wieder zu.',
  'ask.cancel': 'Abbrechen',
  'ask.continue': 'Weiter',

  'again.title': 'Verbindung zu {name} verloren',
  'again.in': 'Nächster Versuch in {n} s',
  'again.now': 'Jetzt',
  'again.stop': 'Aufhören',
  'end.back': 'Zurück',
  'end.again': 'Noch einmal',

  'why.refused': '',
  'why.unknown-id': 'Kein Gerät hat die ID {id}.',
  'why.offline': 'Das Gerät ist offline. Ist es eingeschaltet, und läuft '
    + 'RustDesk dort?',
  'why.key-mismatch': 'Diese Seite und der ID-Server gehören nicht zusammen '
    + '(Schlüssel). Sagen Sie es der Administration.',
  'why.overuse': 'Der Server nimmt keine weiteren Sitzungen an. Versuchen Sie '
    + 'es später.',
  'why.direct-only': 'Das Gerät benutzt das Relay nicht, das ein Browser '
    + 'braucht. Nehmen Sie das Programm RustDesk.',
  'why.no-answer': 'Das Gerät antwortet nicht. Vielleicht schläft es, oder '
    + 'sein Netz sperrt das Relay.',
  'why.too-old': 'RustDesk auf dem Gerät ist zu alt. Nötig ist Version 1.1.9 '
    + 'oder neuer.',
  'why.no-arrival': 'Das Relay ist erreichbar, aber das Gerät kam dort nicht '
    + 'an.',
  'why.relay-closed': 'Das Relay schloss die Verbindung, bevor das Gerät '
    + 'ankam.',
  'why.not-loaded': 'Ein Teil dieser Seite ließ sich nicht laden.',
  'why.server-closed': 'Der ID-Server ist nicht erreichbar.',
  'why.identity': 'Die Identität des Geräts ließ sich nicht prüfen, deshalb '
    + 'wurde nichts gesendet. Wurde das Gerät neu eingerichtet, warten Sie '
    + 'eine Minute und versuchen Sie es noch einmal.',
  'why.bad-id': 'Das Gerät hat eine andere ID als {id}.',
  'why.not-allowed': 'Das Gerät erlaubt diese Verbindung nicht.',
  'why.ip-blocked': 'Das Gerät nimmt Verbindungen nur von bestimmten Adressen '
    + 'an (IP-Liste).',
  'why.id-blocked': 'Das Gerät nimmt Verbindungen nur von bestimmten IDs an '
    + '(ID-Liste), und dieser Browser gehört nicht dazu.',
  'why.no-window': 'Das Gerät nimmt Verbindungen nur an, solange dort das '
    + 'RustDesk-Fenster offen ist.',
  'why.privacy': 'Jemand anderes arbeitet im Privatsphäre-Modus am Gerät.',
  'why.too-many': 'Zu viele falsche Passwörter von dieser Adresse. Starten '
    + 'Sie RustDesk auf dem Gerät neu, oder bitten Sie dort darum.',
  'why.no-files': 'Wem das Gerät gehört, oder Ihre Steuerungsrolle, erlaubt '
    + 'keine Dateien.',
  'why.no-camera': 'Wem das Gerät gehört, oder Ihre Steuerungsrolle, erlaubt '
    + 'die Kamera nicht.',
  'why.no-terminal': 'Wem das Gerät gehört, oder Ihre Steuerungsrolle, '
    + 'erlaubt kein Terminal.',
  'why.no-tunnel': 'Wem das Gerät gehört, oder Ihre Steuerungsrolle, erlaubt '
    + 'keinen Tunnel.',
  'why.no-mux': 'RustDesk auf dem Gerät kann für einen Browser keine Tunnel '
    + 'öffnen. Nötig ist dort Version 1.5 oder neuer.',
  'why.only-installed': 'Dafür muss RustDesk auf dem Gerät installiert sein.',
  'why.nobody': 'Am Gerät ist niemand angemeldet. Öffnen Sie den Desktop und '
    + 'melden Sie sich zuerst an.',
  'why.tunnel-target': 'Das Gerät erreicht das Ziel nicht.',
  'why.wayland-login': 'Das Gerät zeigt einen Wayland-Anmeldebildschirm, der '
    + 'sich nicht aufnehmen lässt. Melden Sie sich dort an, oder nehmen Sie '
    + 'X11.',
  'why.capture': 'Das Gerät kann seinen Bildschirm nicht aufnehmen.',
  'why.wayland-old': 'Das Linux des Geräts ist zu alt, um Wayland '
    + 'aufzunehmen. Nehmen Sie dort X11.',
  'why.portal': 'Dem Gerät fehlt ein Desktop-Portal, mit dem RustDesk Wayland '
    + 'aufnehmen kann.',
  'why.device-says': 'Das Gerät antwortete:',
  'why.login-timeout': 'Die Anmeldung dauerte zu lange.',
  'why.no-display': 'Das Gerät hat keinen Bildschirm.',
  'why.disturbed': 'Die Verbindung war gestört (Entschlüsselung schlug fehl).',
  'why.silent': 'Vom Gerät kam seit einer halben Minute nichts.',
  'why.lost': 'Die Verbindung wurde getrennt.',
  'why.direct-lost': 'Die direkte Verbindung zum Gerät ist abgerissen.',
  'why.ended-there': 'Die Sitzung wurde am Gerät beendet.',
  'why.inactive': 'Das Gerät beendete die Sitzung, weil nichts geschah.',
  'why.left': 'Die Sitzung ist beendet.',

  'desktop.picture': 'Bildschirm von {name}',
  'desktop.keys': 'Tastatur des Geräts. Strg+Alt+Umschalt+Esc gibt die '
    + 'Tastatur an diese Seite zurück.',
  'toolbar.title': 'Sitzung',
  'toolbar.handle': 'Leiste zeigen oder verstecken',
  'toolbar.display': 'Bildschirme und Größe',
  'toolbar.picture': 'Bild',
  'toolbar.keyboard': 'Tastatur',
  'toolbar.clipboard': 'Zwischenablage',
  'toolbar.mute': 'Ton aus',
  'toolbar.unmute': 'Ton an',
  'toolbar.full': 'Vollbild',
  'toolbar.chatNew': 'Chat, {n|eine neue Nachricht|# neue Nachrichten}',
  'toolbar.end': 'Beenden',
  'toolbar.more': 'Mehr',

  'display.one': 'Bildschirm {n}',
  'display.all': 'Alle Bildschirme',
  'display.follow': 'Dem Zeiger des Geräts folgen',
  'display.virtualOn': 'Virtuellen Bildschirm {n} hinzufügen',
  'display.virtualOff': 'Virtuellen Bildschirm {n} entfernen',
  'scale.fit': 'Ins Fenster einpassen',
  'scale.one': 'Originalgröße',
  'scale.stretch': 'Fenster füllen',
  'quality.best': 'Beste Qualität',
  'quality.balanced': 'Ausgewogen',
  'quality.low': 'Niedrig, schnell',
  'picture.fps': '{n} Bilder pro Sekunde',
  'picture.auto': 'Codec: das Gerät wählt',
  'picture.full': 'Volle Farbe (4:4:4)',
  'picture.cursor': 'Zeiger des Geräts zeigen',
  'picture.viewOnly': 'Nur ansehen',
  'picture.refresh': 'Bild neu holen',
  'keyboard.off': 'Die Tastatur ist nicht erlaubt',
  'keyboard.show': 'Tastatur zeigen',
  'keyboard.text': 'Text tippen …',
  'keyboard.lock': 'Bildschirm sperren',
  'keyboard.map': 'Tasten nach ihrem Platz (üblich)',
  'keyboard.legacy': 'Tasten nach ihrem Buchstaben',
  'keyboard.escape': 'Strg+Alt+Umschalt+Esc gibt die Tastatur zurück',
  'touch.touchpad': 'Der Finger bewegt den Zeiger',
  'touch.touch': 'Der Finger zeigt und klickt',
  'clipboard.copy': 'Übernehmen, was am Gerät kopiert wurde',
  'clipboard.refused': 'Der Browser erlaubte das Kopieren nicht.',
  'clipboard.send': 'Meine Zwischenablage senden',
  'clipboard.help': 'Strg+V sendet sie auch',
  'clipboard.denied': 'Der Browser gab die Zwischenablage nicht her. Drücken '
    + 'Sie stattdessen Strg+V im Bild.',
  'more.call': 'Sprachanruf',
  'more.screenshot': 'Bildschirmfoto',
  'more.record': 'Aufnehmen',
  'more.recordStop': 'Aufnahme beenden',
  'more.relative': 'Zeiger einfangen (Spiele)',
  'more.block': 'Eingaben am Gerät sperren',
  'more.privacy': 'Privatsphäre-Modus',
  'more.restart': 'Gerät neu starten',
  'more.pin': 'Leiste stehen lassen',
  'more.edge': 'Leiste unten',
  'restart.title': 'Gerät neu starten?',
  'restart.text': 'Was dort nicht gespeichert ist, kann verloren gehen. Die '
    + 'Sitzung kommt von selbst wieder, sobald das Gerät es tut.',
  'restart.action': 'Neu starten',

  'privacy.on-by-other': 'Jemand anderes hat den Privatsphäre-Modus '
    + 'eingeschaltet.',
  'privacy.unsupported': 'Das Gerät kennt keinen Privatsphäre-Modus.',
  'privacy.on': 'Der Privatsphäre-Modus ist an.',
  'privacy.denied': 'Das Gerät erlaubt den Privatsphäre-Modus nicht.',
  'privacy.no-plugin': 'Dem Gerät fehlt, was der Privatsphäre-Modus braucht.',
  'privacy.failed': 'Der Privatsphäre-Modus ließ sich nicht einschalten.',
  'privacy.off': 'Der Privatsphäre-Modus ist aus.',
  'privacy.off-there': 'Der Privatsphäre-Modus wurde am Gerät ausgeschaltet.',
  'privacy.off-failed': 'Der Privatsphäre-Modus ließ sich nicht ausschalten.',
  'privacy.off-unknown': 'Der Privatsphäre-Modus ist vielleicht noch an.',
  'blocked.on': 'Eingaben am Gerät sind gesperrt.',
  'blocked.on-failed': 'Eingaben am Gerät ließen sich nicht sperren.',
  'blocked.off': 'Eingaben am Gerät sind frei.',
  'blocked.off-failed': 'Eingaben am Gerät ließen sich nicht freigeben.',

  'call.title': 'Sprachanruf',
  'call.calling': '{name} wird angerufen…',
  'call.on': 'Im Gespräch mit {name}',
  'call.muted': '{name} hört Sie nicht',
  'call.mute': 'Mikrofon aus',
  'call.unmute': 'Mikrofon an',
  'call.end': 'Auflegen',
  'call.rings': '{name} ruft an',
  'call.ringsText': 'Jemand am Gerät möchte mit Ihnen sprechen. Der Browser '
    + 'fragt nach dem Mikrofon, wenn Sie annehmen.',
  'call.accept': 'Annehmen',
  'call.decline': 'Ablehnen',
  'call.declined': 'Am Gerät hat niemand den Anruf angenommen.',
  'call.ended': 'Das Gespräch ist beendet.',
  'call.denied': 'Der Browser gibt dieser Seite sein Mikrofon nicht. Erlauben '
    + 'Sie es in der Adresszeile und rufen Sie noch einmal an.',
  'call.none': 'Dieser Rechner hat kein Mikrofon.',
  'call.busy': 'Das Mikrofon ist nicht zu benutzen: vielleicht hat es ein '
    + 'anderes Programm.',
  'call.unsupported': 'Dieser Browser kann keinen Ton senden. Anrufe gehen '
    + 'mit Chrome oder Edge ab 94, Firefox ab 130, Safari ab 26.',
  'call.no-encoder': 'Dieser Browser kann keinen Ton senden, wie ihn das '
    + 'Gerät will (Opus).',

  'panel.close': 'Schließen',
  'chat.title': 'Chat',
  'chat.empty': 'Wer am Gerät sitzt, liest, was Sie hier schreiben.',
  'chat.message': 'Nachricht',
  'chat.send': 'Senden',
  'chat.you': 'Sie:',
  'chat.they': 'Gerät:',
  'details.title': 'Verbindung',
  'details.direct': 'Direkt',
  'details.relay': 'Relay',
  'details.way': 'Weg',
  'details.rate': 'Empfangene Daten',
  'details.trip': 'Hin und zurück',
  'details.codec': 'Codec',
  'details.size': 'Bild',
  'details.fps': 'Bilder pro Sekunde',
  'details.latency': 'Von der Ankunft zum Bild',
  'details.decoding': 'Davon im Decoder',
  'details.dropped': 'Ausgelassene Bilder',
  'details.device': 'ID',
  'details.system': 'System',
  'details.user': 'Benutzer dort',
  'details.fingerprint': 'Fingerabdruck des Geräts',
  'details.fingerprintHelp': 'Derselbe wie in RustDesk auf dem Gerät. Die '
    + 'Sitzung ist von dieser Seite bis zum Gerät verschlüsselt.',
  'box.title': 'Nachricht des Geräts',
  'box.ok': 'OK',
  'elevate.title': 'Vorn ist ein Fenster der Administration',
  'elevate.text': 'RustDesk muss dort als Administrator laufen, bevor Sie '
    + 'dieses Fenster bedienen können. Fragen Sie am Gerät, oder geben Sie '
    + 'Namen und Passwort eines Administrators ein.',
  'elevate.user': 'Administrator',
  'elevate.password': 'Passwort',
  'elevate.direct': 'Am Gerät fragen',
  'elevate.logon': 'Dieses Konto nehmen',
  'elevate.wait': 'Warten Sie auf das Gerät.',
  'sendText.title': 'Text am Gerät tippen',
  'sendText.label': 'Text',
  'sendText.help': 'Er wird dort getippt, wo die Schreibmarke des Geräts '
    + 'steht, gleich welche Tastatur es hat.',
  'sendText.send': 'Tippen',

  'files.here': 'Dieser Computer',
  'files.there': 'Gerät',
  'files.name': 'Name',
  'files.size': 'Größe',
  'files.modified': 'Geändert',
  'files.empty': 'Dieser Ordner ist leer.',
  'files.path': 'Ordner',
  'files.typePath': 'Pfad eingeben',
  'files.up': 'Ordner darüber',
  'files.create': 'Neuer Ordner',
  'files.createDo': 'Anlegen',
  'files.rename': 'Umbenennen',
  'files.remove': 'Löschen',
  'files.removeTitle': '{n|Einen Eintrag|# Einträge} am Gerät löschen?',
  'files.removeText': 'Ordner gehen mit allem, was darin ist. Das lässt sich '
    + 'nicht zurücknehmen.',
  'files.hidden': 'Versteckte Dateien zeigen',
  'files.refresh': 'Neu lesen',
  'files.upload': 'Senden',
  'files.download': 'Holen',
  'files.drop': 'Ziehen Sie Dateien auf die Seite des Geräts, oder wählen Sie '
    + 'sie hier.',
  'files.pick': 'Ordner öffnen',
  'files.chooseFiles': 'Dateien senden …',
  'files.chooseFolder': 'Ordner senden …',
  'files.saveHelp': 'Was Sie holen, wird als Download gespeichert, Ordner als '
    + 'ZIP.',
  'files.nameWrong': 'Diesen Namen erlaubt nicht jedes System.',
  'replace.title': '{name} ist schon da',
  'replace.there': 'Die Datei am Gerät ersetzen?',
  'replace.here': 'Die Datei auf diesem Computer ersetzen?',
  'replace.replace': 'Ersetzen',
  'replace.skip': 'So lassen',
  'replace.all': 'Bei allen anderen auch',
  'queue.title': 'Übertragungen',
  'queue.clear': 'Fertige wegräumen',
  'queue.count': '{n} Übertragungen',
  'queue.of': '{done} von {total}',
  'queue.rest': 'noch {rest}',
  'queue.files': '{n} von {total} Dateien',
  'queue.lost': 'Die Verbindung ging verloren. Die unfertige Datei wurde '
    + 'entfernt.',
  'queue.download': '{name} holen',
  'queue.upload': '{name} senden',
  'queue.create': '{name} anlegen',
  'queue.rename': 'In {name} umbenennen',
  'queue.remove': '{name} löschen',
  'queue.pause': 'Anhalten',
  'queue.resume': 'Weiter',
  'queue.cancel': 'Abbrechen',
  'queue.drop': 'Aus der Liste nehmen',
  'state.waiting': 'Wartet',
  'state.running': 'Läuft',
  'state.paused': 'Angehalten',
  'state.interrupted': 'Wartet auf die Verbindung',
  'state.done': 'Fertig',
  'state.failed': 'Fehlgeschlagen',
  'state.cancelled': 'Abgebrochen',

  'terminal.label': 'Terminal {n}',
  'terminal.tab': 'Terminal {n}',
  'terminal.tabs': 'Terminals',
  'terminal.exit': 'beendet ({n})',
  'terminal.close': 'Terminal {n} schließen',
  'terminal.add': 'Neues Terminal',
  'terminal.failed': 'Das Gerät konnte kein Terminal öffnen.',
  // tunnel
  'tunnel.title': 'Ein Webdienst hinter {name}',
  'tunnel.host': 'Host, wie ihn das Gerät erreicht',
  'tunnel.port': 'Port',
  'tunnel.help': 'localhost ist das Gerät selbst.',
  'tunnel.bad.host': 'Geben Sie einen Namen oder eine Adresse an, etwa '
    + 'localhost oder 192.168.1.1.',
  'tunnel.bad.port': 'Geben Sie einen Port von 1 bis 65535 an.',
  'tunnel.bad.https': 'Dienste mit https lassen sich nicht öffnen: Ein '
    + 'Browser lässt keine Seite deren Zertifikate prüfen. Geben Sie den Host '
    + 'ohne https an.',
  'tunnel.recent': 'Zuvor geöffnet',
  'tunnel.limits': 'Nur für http. Die Seite hat kein Netz außer diesem '
    + 'Dienst: WebSockets, Frames, die Anmeldung im Dialog des Browsers und '
    + 'was sie von anderswo lädt, gehen nicht.',
  'tunnel.open': 'Öffnen',
  'tunnel.back': 'Zurück',
  'tunnel.reload': 'Neu laden',
  'tunnel.stop': 'Laden abbrechen',
  'tunnel.address': 'Pfad beim Dienst',
  'tunnel.go': 'Los',
  'tunnel.other': 'Anderer Dienst',
  'tunnel.page': 'Seite des Dienstes',
  'tunnel.file': 'Das ist keine Seite. Der Dienst hat eine Datei von {size} '
    + 'gesendet.',
  'tunnel.save': 'Speichern',
  'tunnel.failed': 'Die Seite ließ sich nicht öffnen',
  'tunnel.outside': 'Diese Adresse gehört nicht zum Dienst und lässt sich '
    + 'hier nicht öffnen:',
  'tunnel.fault.unreachable': 'Das Gerät erreicht {address} nicht. Läuft der '
    + 'Dienst dort?',
  'tunnel.fault.not-http': 'Was bei {address} antwortet, spricht kein HTTP. '
    + 'Dienste mit https lassen sich hier nicht öffnen.',
  'tunnel.fault.malformed': 'Die Antwort von {address} ist kein gültiges '
    + 'HTTP.',
  'tunnel.fault.too-large': 'Die Antwort ist größer als 32 MiB.',
  'tunnel.fault.cut': 'Die Antwort brach ab. Dienste mit https lassen sich '
    + 'hier nicht öffnen.',
  'tunnel.fault.silent': '{address} hat eine halbe Minute nichts gesendet.',
  'tunnel.fault.redirects': '{address} verweist ohne Ende von einer Adresse '
    + 'zur nächsten.',
  'tunnel.fault.leads-out': '{address} verweist auf eine Adresse außerhalb '
    + 'des Dienstes, die sich hier nicht öffnen lässt:',
  'tunnel.fault.coding': 'Die Antwort ist auf eine Art gepackt, um die nicht '
    + 'gebeten wurde:',
  'tunnel.fault.lost': 'Die Verbindung zum Gerät ist abgebrochen.',
  'tunnel.fault.busy': 'Die Seite verlangt zu viel auf einmal.',
  'tunnel.fault.bad-request': 'Diese Anfrage lässt sich nicht senden: Ihre '
    + 'Adresse oder ihr Inhalt ist zu lang, oder kein Browser könnte sie '
    + 'senden.',
};
