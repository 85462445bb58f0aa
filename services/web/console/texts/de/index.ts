import { account } from './account';
import { audit } from './audit';
import { bans } from './bans';
import { devices } from './devices';
import { duplicates } from './duplicates';
import { frame } from './frame';
import { guests } from './guests';
import { health } from './health';
import { people } from './people';
import { policy } from './policy';
import { recordings } from './recordings';
import { settings } from './settings';

export const de = {
  ...frame,
  ...bans,
  ...devices,
  ...duplicates,
  ...guests,
  ...health,
  ...people,
  ...policy,
  ...audit,
  ...recordings,
  ...settings,
  ...account,
};
