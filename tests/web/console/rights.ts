// Which right each page and each action on it needs. A page needs what one of
// its routes asks for, or a right; an action one of several rights ("a or b"),
// or several together ("a+b"). "admin" is a full administrator, "user" anybody,
// "book.write" the level of who an address book is shared with.

export interface PageOf {
  path: string;
  title: string;
  needs: readonly string[]; // any of them; none: everybody
  at?: readonly string[]; // where its actions are; {thing} is filled in
  actions?: Readonly<Record<string, string>>;
  unlisted?: boolean; // in the menu of the account, not among the pages
}

const GROUP = (right: string) => ({
  'Name': right, 'Note': right, 'Save group': right, 'Delete group…': right,
});

const all = (right: string, ...actions: string[]) =>
  Object.fromEntries(actions.map((a) => [a, right]));

// Of every page that has them: what reads, finds, or only shows.
export const HARMLESS: ReadonlySet<string> = new Set(['Filter', 'Views',
  'Columns', 'Export as CSV', 'Previous page', 'Next page', 'Rows per page',
  'Close', 'More for …', 'Select …', 'Select all on this page',
  'Clear selection', 'Copy', 'Search devices', 'Search users', 'Search groups',
  'Search strategies', 'Search control roles', 'Search by ID or file',
  'Find a setting', 'Only what is fixed', 'Download', 'Clear',
  'Back to the list',
  // Parts of a page, and what is found in them.
  'Full screen for a wall', 'Last 24 hours', 'Last year', 'Same machine',
  'Copied IDs',
  'Same name', 'Search address books', 'Search by name', 'Devices', 'Tags',
  'Search administrator roles', 'Connections', 'Files', 'Alarms',
  'Windows', 'macOS', 'Linux', 'Android, iOS', 'Copy the configuration string',
  'General', 'Mail', 'Directories', 'Single sign-on', 'API tokens',
  'Webhooks', 'Bans and block lists', 'Waiting presets', 'Retired devices',
  'Deleted devices', 'Search address, device, note', 'Open …']);

export const PAGES: readonly PageOf[] = [
  { path: '/', title: 'Overview',
    needs: ['GET /api/web/devices', 'GET /api/web/history'], at: ['/'],
    actions: { 'Skip': 'admin' } },
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
    needs: ['GET /api/devices/duplicates'], at: ['/duplicates'],
    actions: {} },
  { path: '/sessions', title: 'Live sessions', needs: ['audits.view'],
    at: ['/sessions'], actions: { 'Disconnect…': 'audits.edit' } },
  { path: '/books', title: 'Address books', needs: [],
    at: ['/books', '/books/{book}', '/books/{book}?tab=tags',
      '/books/{book}?tab=sharing', '/books/{book}?tab=bin',
      '/books/{book}?tab=about'], actions: {
      'Create address book': 'user', 'Connect': 'book.read',
      ...all('book.write', 'Add device', 'Edit entry…', 'Import entries…',
        'Remove', 'reception', 'till-1', 'till-2', 'warehouse', 'workshop',
        'accounting', 'Recycle bin', 'Add', 'New tag', 'Colour of berlin',
        'Colour of urgent', 'Name of berlin', 'Name of urgent', 'Remove …'),
      ...all('book.full', 'Sharing', 'Share', 'Share with', 'Level', 'About',
        'Name', 'Note', 'Password for all devices of the book',
        'Save address book', 'Delete address book…'),
      'Owner': 'book.full+users.view',
    } },
  { path: '/guest-links', title: 'Guest links', needs: [],
    at: ['/guest-links'], actions: { 'Create guest link': 'user' } },
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
      'Link to a directory account…': 'admin',
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
    needs: ['GET /api/admin-roles'],
    at: ['/admin-roles', '/admin-roles/{adminRole}'],
    actions: all('admin', 'Create administrator role',
      'Delete administrator role…', 'Name', 'Note',
      'In use', 'Assign to users', 'Change', 'Change control role',
      'Change device group', 'Change mail address', 'Change name and note',
      'Change names and note', 'Change strategy', 'Change user group', 'Create',
      'Delete', 'Enable and disable', 'Invite', 'Manage two-factor sign-in',
      'See', 'Set password', 'Sign out everywhere', 'Watch and download',
      'Write notes, disconnect', 'Save administrator role') },
  { path: '/audit', title: 'Audit', needs: [],
    at: ['/audit', '/audit/file', '/audit/alarm', '/audit/console'],
    actions: { 'Write note…': 'audits.edit', 'Disconnect…': 'audits.edit',
      'Changes': 'audits.view' } },
  { path: '/recordings', title: 'Recordings', needs: ['GET /api/recordings'],
    at: ['/recordings'], actions: { 'Delete recording…': 'recordings.delete' } },
  { path: '/setup', title: 'Client set-up', needs: [], at: ['/setup'],
    actions: {} },
  { path: '/settings', title: 'Settings',
    needs: ['GET /api/settings/{section}'],
    at: ['general', 'mail', 'directories', 'sign-on', 'tokens', 'webhooks',
      'bans', 'waiting', 'retired', 'deleted'].map((x) => '/settings/' + x),
    actions: all('admin',
      'A device belongs to who signs in on it firstOnly where it belongs to '
        + 'nobody yet.',
      'A new device must be deployed firstWith the command on the page Client '
        + 'set-up. Others cannot register.',
      'Do not show clients which devices their user may reachThe panel of '
        + 'accessible devices in the client stays empty.',
      'Keep recordings for', 'Keep the audit for',
      'Most devices in one address book',
      'Only administrators see the auditOtherwise users see what happened with '
        + 'them and their devices.',
      'Presets that count', 'Retire devices not seen for', 'Save access',
      'Save address book rules', 'Save retention', 'Save rules for new devices',
      'Save sign-in', 'Send alarms by mail', 'Sign out after not being used for',
      'Users may share address books outside their groupAdministrators always '
        + 'may.',
      'Check the server’s certificate', 'Encryption', 'Host',
      'Name for signing in', 'Password', 'Port', 'Save mail server',
      'Send mail', 'Send test mail', 'Send to', 'Sender', 'Add directory',
      'Try it…', 'Change…', 'Remove…', 'Add provider', 'main', 'corp', 'Try it',
      'http://127.0.0.1:1/',
      'Create API token', 'Delete API token…', 'Create webhook', 'Deliveries…',
      'Send a test event', 'Change webhook…', 'Delete webhook…', 'Ban',
      'End the ban', 'Take it back', 'Let it come back') },
  { path: '/me', title: 'My account', needs: [], at: ['/me'], unlisted: true,
    actions: all('user', 'Change password', 'Full name', 'Mail address',
      'New password', 'New password again', 'Note', 'Present password',
      'Save profile', 'Set up', 'Sign out everywhere…', 'Sign out',
      'Connect') },
];
