export const devices = {
  'devices.name': 'Name',
  'devices.id': 'ID',
  'devices.state': 'State',
  'devices.online': 'Online',
  'devices.offline': 'Offline',
  'devices.isDisabled': 'Disabled',
  'devices.user': 'User',
  'devices.userGroup': 'User group',
  'devices.group': 'Device group',
  'devices.strategy': 'Strategy',
  'devices.os': 'System',
  'devices.version': 'Version',
  'devices.lastSeen': 'Last seen',
  'devices.now': 'Now',
  'devices.username': 'Signed-in account',
  'devices.address': 'Address',
  'devices.added': 'Added',
  'devices.note': 'Note',
  'devices.cpu': 'Processor',
  'devices.memory': 'Memory',
  'devices.search': 'Search devices',
  'devices.allowed': 'Enabled',
  'devices.unseen': 'Not seen for',
  'devices.unassigned': 'Without user and group',
  'devices.days': '{n|one day|# days}',
  'devices.filterOnline': 'online',
  'devices.filterOffline': 'offline',
  'devices.filterEnabled': 'enabled',
  'devices.filterDisabled': 'disabled',
  'devices.filterUnseen': 'offline for more than {n|one day|# days}',
  'devices.within': 'in the last {n|day|# days}',
  'devices.filterUnassigned': 'without user and group',
  'devices.connect': 'Connect',
  'devices.inBrowser': 'In the browser',
  'devices.web.desktop': 'Desktop',
  'devices.web.files': 'Files',
  'devices.web.terminal': 'Terminal',
  'devices.web.camera': 'Camera',
  'sessions.gone': 'The device is offline',
  'devices.copyId': 'Copy the ID',
  'devices.share': 'Share with a guest',
  'devices.edit': 'Edit name and note',
  'devices.assign': 'Assign',
  'devices.import': 'Import devices',
  'devices.import.note': 'Status is 1 for enabled, 0 for disabled.',
  'devices.assignUser': 'Assign to user',
  'devices.assignGroup': 'Put into device group',
  'devices.assignStrategy': 'Assign strategy',
  'devices.nobody': 'Nobody, none',
  'devices.count': '{n|One device|# devices}',
  'devices.changed': '{name} changed',
  'devices.enable': 'Enable',
  'devices.disable': 'Disable',
  'devices.enabled': '{name} is enabled',
  'devices.disabled': '{name} is disabled: nobody can connect',
  'devices.retire': 'Retire',
  'devices.retired': '{name} is retired until it reports again',
  'devices.takeBack': 'Take back',
  'devices.delete': 'Delete',
  'devices.deleteOne': 'Delete {name}?',
  'devices.deleteMany': 'Delete {n} devices?',
  'devices.delete.text':
    'It leaves every group and address rule and stays away until '
    + 'somebody lets it come back (Settings, Deleted devices). A device '
    + 'that is online cannot be deleted.',
  'devices.empty': 'No devices yet',
  'devices.empty.text':
    'A device appears here as soon as its client knows this server.',
  'devices.setUp': 'Set up a client',
  'devices.about': 'About',
  'devices.sessions': 'Sessions',
  'devices.settings': 'Settings',
  'devices.access': 'Access',
  'devices.noSessions': 'No sessions yet',
  'devices.noSessions.text': 'Connections to this device are listed here.',
  'devices.noStrategy': 'No strategy applies',
  'devices.noStrategy.text':
    'The device keeps its own settings. A strategy can come from the '
    + 'device, its user or its device group.',
  'devices.fromDevice':
    'The strategy {name} applies, assigned to the device itself.',
  'devices.fromUser':
    'The strategy {name} applies, assigned to the device’s user.',
  'devices.fromGroup':
    'The strategy {name} applies, assigned to the device group.',
  'devices.openStrategy': 'Open it',
  'devices.deviceSays': 'The device’s own strategy {name} would say: {value}',
  'devices.userSays': 'The user’s strategy {name} would say: {value}',
  'devices.groupSays': 'The device group’s strategy {name} would say: {value}',
  'devices.hidden': 'Secret',
  'devices.confirmed': 'The device has it',
  'devices.unconfirmed': 'The device has not confirmed it yet',
  'devices.withheld': 'Not given to the device yet',
  'devices.withheld.text':
    'The strategy has secrets, and nobody has vouched for this device: '
    + 'approve it, or deploy or assign it with a token.',
  'devices.strategyOff.text':
    'The strategy that is assigned is switched off, so the device keeps its '
    + 'own settings.',
  'devices.unless': '{value}, unless set on the device',
  'devices.free': 'Left to the device ({n})',
  'devices.free.text': 'No strategy that applies fixes these.',
  'explain.title': 'Explain',
  'explain.text': 'Asks the rules that decide when somebody connects.',
  'explain.user': 'User',
  'explain.nobody': 'Empty: somebody who is not signed in.',
  'explain.device': 'Device',
  'explain.kind': 'Kind of session',
  'explain.kind.remote': 'Remote desktop',
  'explain.kind.file': 'Files',
  'explain.kind.tunnel': 'Port forwarding',
  'explain.kind.rdp': 'Windows remote desktop',
  'explain.kind.camera': 'Camera',
  'explain.kind.terminal': 'Terminal',
  'explain.action': 'Ask',
  'explain.yes': 'Allowed',
  'explain.no': 'Not allowed',
  'explain.ok': 'Nothing forbids it.',
  'explain.user_disabled': 'The user is disabled.',
  'explain.device_disabled': 'The device is disabled.',
  'explain.owner_disabled': 'The device’s user is disabled.',
  'explain.sign_in': 'Whoever connects must be signed in.',
  'explain.no_rule':
    'The device belongs to somebody, and no rule lets this user reach '
    + 'it.',
  'explain.role': 'The user’s control role forbids this kind of session.',
  'explain.unassigned':
    'The device belongs to nobody: everybody may reach it.',
  'explain.rule.owner':
    'The device is the user’s own.',
  'explain.rule.same_user_group':
    'The device’s user {owner} is in the same group, {group}.',
  'explain.rule.user_group_may_reach_user_group':
    'The group {group} may reach the devices of {owners}, which the '
    + 'device’s user {owner} belongs to.',
  'explain.rule.user_group_lets_in':
    'The group {owners}, which the device’s user {owner} belongs to, '
    + 'lets this user in.',
  'explain.rule.user_group_may_reach_device_group':
    'The group {group} may reach the device group {devices}.',
  'explain.rule.device_group_lets_in':
    'The device group {devices} lets this user in.',
  'explain.on': 'Always allowed by role {role}: {what}.',
  'explain.off': 'Never allowed by role {role}: {what}.',
  'explain.own': 'What may be done is decided by the device’s own settings.',
  'sessions.since': 'Since',
  'sessions.for': 'For',
  'sessions.empty': 'Nobody is connected',
  'sessions.empty.text': 'Sessions appear here the moment they begin.',
  'sessions.disconnect': 'Disconnect',
  'sessions.disconnect.text':
    '{user} loses the connection to {device} at once and is told that an '
    + 'administrator did it.',
  'sessions.disconnecting': 'The device ends the session within seconds',
  'books.name': 'Name',
  'books.owner': 'Owner',
  'books.mine': 'Mine',
  'books.personal': 'My address book',
  'books.level': 'Level',
  'books.level.1': 'Read',
  'books.level.2': 'Read and edit',
  'books.level.3': 'Full control',
  'books.levelOf': 'Level of {name}',
  'books.search': 'Search address books',
  'books.create': 'Create address book',
  'books.create.text':
    'A shared address book can be given to users and groups.',
  'books.delete': 'Delete address book',
  'books.deleteOne': 'Delete {name}?',
  'books.delete.text':
    'The book and its entries are gone for everybody it is shared with.',
  'books.entries': 'Devices',
  'books.searchEntries': 'Search by name',
  'books.addEntry': 'Add device',
  'books.import': 'Import entries',
  'books.import.note':
    'Tags stand in one cell with commas; new ones are made.',
  'books.editEntry': 'Edit entry',
  'books.entryId': 'ID or address',
  'books.entryId.help': 'The device’s ID, or an IP address for direct access.',
  'books.alias': 'Name in this book',
  'books.password': 'Shared password',
  'books.password.help':
    'Used by everybody who connects from this book. Empty: as before.',
  'books.entriesRemoved': '{n|One device|# devices} moved to the recycle bin',
  'books.noEntries': 'No devices in this book',
  'books.noEntries.text': 'Add the devices that you connect to often.',
  'books.tags': 'Tags',
  'books.tags.text':
    'Tags group the devices of a book; clients filter by them.',
  'books.tagName': 'New tag',
  'books.nameOf': 'Name of {name}',
  'books.colourOf': 'Colour of {name}',
  'books.tagAdded': 'Tag {name} added',
  'books.tagSaved': 'Tag saved',
  'books.deleteTag': 'Remove tag {name}?',
  'books.deleteTag.text': 'It is taken off every device of the book.',
  'books.sharing': 'Sharing',
  'books.sharing.text':
    'A rule for a user wins over one for his group, and that over '
    + 'everybody’s.',
  'books.notShared': 'Shared with nobody yet.',
  'books.share': 'Share',
  'books.shareWith': 'Share with',
  'books.aGroup': 'A user group',
  'books.aUser': 'A user',
  'books.everybody': 'Everybody',
  'books.groupNamed': 'Group {name}',
  'books.shareSaved': 'Sharing changed',
  'books.shareRemoved': 'Not shared any more',
  'books.bin': 'Recycle bin',
  'books.emptyBin': 'The recycle bin is empty',
  'books.emptyBin.text': 'Entries removed from the book wait here.',
  'books.restore': 'Restore',
  'books.restored': '{n|One entry|# entries} restored',
  'books.deleteForGood': 'Delete for good',
  'books.deleteForGood.text':
    '{n|One entry is|# entries are} deleted and cannot be restored.',
  'books.about': 'About',
  'books.save': 'Save address book',
  'books.saved': 'Address book saved',
  'books.bookPassword': 'Password for all devices of the book',
  'books.bookPassword.help': 'Used where a device has no password of its own.',
  'books.bookPassword.set': 'One is set. Empty: as before.',
  'setup.string': 'Configuration string',
  'setup.string.text':
    'In the client: Settings, Network, Import server config. Takes it '
    + 'from the clipboard.',
  'setup.copyString': 'Copy the configuration string',
  'setup.oneDevice': 'One device',
  'setup.oneDevice.text':
    'Run the command on the device, or scan the code with it.',
  'setup.windows': 'Windows',
  'setup.macos': 'macOS',
  'setup.linux': 'Linux',
  'setup.android': 'Android, iOS',
  'setup.command.windows':
    'With the client installed, in a prompt run as administrator:',
  'setup.command.macos': 'With the client installed, in the terminal:',
  'setup.command.linux': 'With the client installed, in a terminal:',
  'setup.fileName':
    'Or without installation: give the downloaded client this file name '
    + 'and start it.',
  'setup.scan': 'In the app: Settings, ID/Relay server, the camera at the top.',
  'setup.adb': 'Or with the device on a cable (adb):',
  'setup.adb.text':
    'Apps from 1.4.9 on take it only if they were built with '
    + 'allow-deep-link-server-settings; others say “Failed”. The code '
    + 'always works, and so does the string: copy it, then the same page, '
    + 'paste at the top.',
  'setup.qr': 'QR code with the configuration',
  'setup.rollOut': 'Many devices',
  'setup.rollOut.text':
    'Unattended, from a script or your software distribution, after the '
    + 'command above.',
  'setup.token':
    'Replace TOKEN by an API token that may write devices, NAME and '
    + 'GROUP by names of this console.',
  'setup.tokens': 'API tokens',
  'setup.deploy':
    'Where new devices must be deployed first (Settings), this lets one '
    + 'in:',
  'setup.byHand': 'By hand',
  'setup.byHand.text': 'What the client’s network settings ask for.',
  'setup.idServer': 'ID server',
  'setup.relayServer': 'Relay server',
  'setup.apiServer': 'API server',
  'setup.key': 'Key',
  'setup.noKey': 'The server’s key is not known here',
  'setup.noKey.text':
    'The API reads the public key from id_ed25519.pub (KEY). Without it '
    + 'a client cannot be set up from this page.',
} as const;
