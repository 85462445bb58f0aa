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
  'clones.tab': 'Copied IDs',
  'clones.text': 'One ID that several machines use, as copies of a disk do. '
    + 'It is noticed when they report in turn; copies with the same host '
    + 'name, system and processor look like one machine.',
  'clones.machines': 'Machines',
  'clones.since': 'Since',
  'clones.state': 'State',
  'clones.open': 'To decide',
  'clones.isIgnored': 'Not a copy',
  'clones.empty': 'No copied IDs',
  'clones.empty.text': 'Every ID is used by one machine.',
  'clones.resolve': 'Resolve',
  'clones.title': 'Which machine keeps {id}?',
  'clones.one': 'Several machines use this ID',
  'clones.host': 'Host name',
  'clones.keepOne': '{name} keeps the ID',
  'clones.told': 'The server tells {hosts} to take another ID, as soon as it '
    + 'registers from its address within five minutes. It comes back as a new '
    + 'device.',
  'clones.cannot': '{hosts} comes from the same address as {name}: the server '
    + 'cannot tell them apart. Give it a new machine ID by hand.',
  'clones.byHand': 'By hand, on the copied machine',
  'clones.byHand.text': 'A new machine ID and no old configuration: the '
    + 'client then takes an ID, key and password of its own. Other programs '
    + 'may know the machine by its machine ID. Images that are generalised '
    + '(sysprep), or made without the configuration of RustDesk, need none of '
    + 'it.',
  'clones.windows': 'Windows (PowerShell as administrator)',
  'clones.linux': 'Linux (as root)',
  'clones.keep': 'Keep this one',
  'clones.kept': '{name} keeps the ID. If another machine still uses it, it '
    + 'is listed again',
  'clones.ignore': 'Not a copy',
  'clones.ignored': '{name} is not a copy, until another machine shows up',
  'clones.check': 'Look again',
  'clones.checked': 'Looking again: if several machines use {name}, it is '
    + 'listed within minutes',
} as const;
