// Which right each page and each action on it needs. A page needs what one of
// its routes asks for, or a right; an action one of several rights ("a or b"),
// or several together ("a+b"). "admin" is a full administrator.

export interface PageOf {
  path: string;
  title: string;
  needs: readonly string[]; // any of them; none: everybody
  at?: readonly string[]; // where its actions are; {thing} is filled in
  actions?: Readonly<Record<string, string>>;
}

const GROUP = (right: string) => ({
  'Name': right, 'Note': right, 'Save group': right, 'Delete group…': right,
});

// Of every page that has them: what reads, finds, or only shows.
export const HARMLESS: ReadonlySet<string> = new Set(['Filter', 'Views',
  'Columns', 'Export as CSV', 'Previous page', 'Next page', 'Rows per page',
  'Close', 'More for …', 'Select …', 'Select all on this page',
  'Clear selection', 'Copy', 'Search devices', 'Search users', 'Search groups',
  'Search strategies', 'Search control roles', 'Search by ID or file',
  'Find a setting', 'Only what is fixed', 'Download', 'Clear',
  'Back to the list']);

export const PAGES: readonly PageOf[] = [
  { path: '/', title: 'Overview',
    needs: ['GET /api/web/devices', 'GET /api/web/history'] },
  { path: '/devices', title: 'Devices', needs: ['GET /api/web/devices'],
    at: ['/devices/{device}'], actions: {
      'Import devices…':
        'devices.info or devices.assign or devices.enable',
      'Connect': 'devices.view', 'Copy the ID': 'devices.view',
      'In the browser': 'devices.view',
      'Share with a guest…': 'devices.view',
      'About': 'devices.view', 'Settings': 'devices.view',
      'Sessions': 'audits.view', 'Access': 'users.view',
      'Edit name and note…': 'devices.info',
      'Assign': 'devices.assign or devices.group or devices.strategy',
      'Assign to user…': 'devices.assign',
      'Put into device group…': 'devices.group',
      'Assign strategy…': 'devices.strategy',
      'Enable': 'devices.enable', 'Disable': 'devices.enable',
      'Retire': 'devices.delete', 'Delete…': 'devices.delete',
    } },
  { path: '/duplicates', title: 'Duplicates',
    needs: ['GET /api/devices/duplicates'] },
  { path: '/sessions', title: 'Live sessions', needs: ['audits.view'],
    at: ['/sessions'], actions: { 'Disconnect…': 'audits.edit' } },
  { path: '/books', title: 'Address books', needs: [] },
  { path: '/guest-links', title: 'Guest links', needs: [] },
  { path: '/users', title: 'Users', needs: ['GET /api/users'],
    at: ['/users/{user}'], actions: {
      'Import users…': 'users.create', 'Create user': 'users.create',
      'Invite user…': 'users.invite',
      'Set password…': 'users.password',
      'Sign out everywhere…': 'users.logout',
      'Require two-factor sign-in': 'users.2fa',
      'Enable…': 'users.enable', 'Disable…': 'users.enable',
      'Delete…': 'users.delete',
      'Name': 'admin', 'Full name': 'users.note', 'Note': 'users.note',
      'Mail address': 'users.email', 'User group': 'users.group',
      'Control role': 'users.role', 'Strategy': 'users.strategy',
      'Save details': 'users.note or users.email or users.group or users.role '
        + 'or users.strategy',
      'Full administratorMay do everything on this server.': 'admin',
      'HelpdeskDevices of the desks': 'admin', 'Save rights': 'admin',
    } },
  { path: '/user-groups', title: 'User groups',
    needs: ['GET /api/user-groups'], at: ['/user-groups/{userGroup}'],
    actions: { ...GROUP('user-groups.edit'),
      'Create user group': 'user-groups.edit', 'Show members': 'users.view',
      'Add a user': 'users.group',
      'Remove …': 'users.group or user-groups.edit' } },
  { path: '/device-groups', title: 'Device groups',
    needs: ['GET /api/device-groups'], at: ['/device-groups/{deviceGroup}'],
    actions: { ...GROUP('device-groups.edit'),
      'Create device group': 'device-groups.edit',
      'Show members': 'devices.view', 'Add a device': 'devices.group',
      'Remove …': 'devices.group or device-groups.edit',
      'Strategy': 'device-groups.strategy+strategies.view',
      'Save strategy': 'device-groups.strategy+strategies.view' } },
  { path: '/access', title: 'Who may reach what',
    needs: ['GET /api/user-groups', 'GET /api/device-groups'],
    at: ['/access'], actions: {
      'Add rule': 'user-groups.edit or device-groups.edit',
      'Remove …': 'user-groups.edit or device-groups.edit',
      'Device': 'devices.view+users.view' } },
  { path: '/strategies', title: 'Strategies', needs: ['GET /api/strategies'],
    at: ['/strategies', '/strategies/{strategy}'], actions: {
      'Create strategy': 'strategies.edit', 'Switch off': 'strategies.edit',
      'Duplicate': 'strategies.edit', 'Delete strategy…': 'strategies.edit',
      'Name': 'strategies.edit', 'Note': 'strategies.edit',
      'Save strategy': 'strategies.edit' } },
  { path: '/control-roles', title: 'Control roles',
    needs: ['GET /api/control-roles'], at: ['/control-roles/{role}'],
    actions: { 'Create control role': 'control-roles.edit',
      'Name': 'control-roles.edit', 'Note': 'control-roles.edit',
      'In useA role that is not in use changes nothing.':
        'control-roles.edit',
      'Save control role': 'control-roles.edit',
      'Delete control role…': 'control-roles.edit' } },
  { path: '/admin-roles', title: 'Administrator roles',
    needs: ['GET /api/admin-roles'] },
  { path: '/audit', title: 'Audit', needs: [] },
  { path: '/recordings', title: 'Recordings', needs: ['GET /api/recordings'],
    at: ['/recordings'], actions: { 'Delete recording…': 'recordings.delete' } },
  { path: '/setup', title: 'Client set-up', needs: [] },
  { path: '/settings', title: 'Settings',
    needs: ['GET /api/settings/{section}'] },
];
