export const duplicates = {
  'nav.duplicates': 'Duplicates',
  'duplicates.machine': 'Same machine',
  'duplicates.host': 'Same name',
  'duplicates.machine.text': 'Devices that report the same machine ID: a '
    + 'machine that has got a new ID, or copies of one disk.',
  'duplicates.host.text': 'Devices with the same host name, user and system: '
    + 'often one machine that was set up again.',
  'duplicates.count': 'Devices',
  'duplicates.ids': 'IDs',
  'duplicates.newest': 'Last one',
  'duplicates.empty': 'No duplicates',
  'duplicates.empty.text': 'Every device is there once.',
  'duplicates.title': 'One machine',
  'duplicates.merge': 'Merge',
  'duplicates.keep': 'Stays',
  'duplicates.go': 'Goes',
  'duplicates.keepOne': '{name} stays',
  'duplicates.goOne': '{name} goes',
  'duplicates.choose': 'Choose which devices go. One that is online would '
    + 'come back at once.',
  'duplicates.gets': '{name} gets from the others: {what}',
  'duplicates.getsNothing': '{name} stays as it is',
  'duplicates.entries': '{n|One entry|# entries} of address books will name '
    + 'it instead; what was there goes into the recycle bins',
  'duplicates.goes': '{ids} will be retired: they come back when they report, '
    + 'or from Settings, Retired devices',
  'duplicates.merged': '{n|One device is|# devices are} merged into {name}',
} as const;
