import type { bans as English } from '../en/bans';

export const bans: Record<keyof typeof English, string> = {
  'settings.bans': 'Sperren und Sperrlisten',
  'bans.title': 'Sperren',
  'bans.of': 'Gesperrt',
  'bans.kind': 'Was',
  'bans.address': 'Adresse oder Netz',
  'bans.device': 'Gerät',
  'bans.addressOf': 'Adresse oder Netz',
  'bans.address.help': 'Eine einzelne Adresse oder ein Netz wie '
    + '203.0.113.0/24 oder 2001:db8::/32.',
  'bans.device.help': 'Es kann sich weder anmelden noch erreicht werden.',
  'bans.until': 'Bis',
  'bans.span': 'Wie lange',
  'bans.hour': 'Eine Stunde',
  'bans.day': 'Einen Tag',
  'bans.week': 'Eine Woche',
  'bans.month': '30 Tage',
  'bans.forGood': 'Für immer',
  'bans.by': 'Von',
  'bans.since': 'Seit',
  'bans.search': 'Adresse, Gerät, Notiz suchen',
  'bans.create': 'Sperren',
  'bans.end': 'Sperre beenden',
  'bans.ended': '{name} ist nicht mehr gesperrt',
  'bans.empty': 'Niemand ist gesperrt',
  'bans.empty.text': 'Was gesperrt ist, kann sich weder anmelden noch '
    + 'verbinden noch ein Relay benutzen.',
};
