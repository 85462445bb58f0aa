// The server's settings by what they are about.
import type { ComponentType } from 'preact';

import type { Params } from '../../ui/router';
import { Tabs } from '../../ui/tabs';
import { Page } from '../page';
import { DeletedDevices, RetiredDevices, WaitingPresets }
  from '../settings/away';
import { BanSettings } from '../settings/bans';
import { GeneralSettings } from '../settings/general';
import { LdapSettings } from '../settings/ldap';
import { MailSettings } from '../settings/mail';
import { OidcSettings } from '../settings/oidc';
import { TokenSettings } from '../settings/tokens';
import { WebhookSettings } from '../settings/webhooks';
import { type Key, t } from '../texts';

const SECTIONS: readonly (readonly [string, Key, ComponentType])[] = [
  ['general', 'settings.general', GeneralSettings],
  ['mail', 'settings.mail', MailSettings],
  ['directories', 'settings.ldap', LdapSettings],
  ['sign-on', 'settings.oidc', OidcSettings],
  ['tokens', 'settings.tokens', TokenSettings],
  ['webhooks', 'settings.webhooks', WebhookSettings],
  ['bans', 'settings.bans', BanSettings],
  ['waiting', 'settings.waiting', WaitingPresets],
  ['retired', 'settings.retired', RetiredDevices],
  ['deleted', 'settings.deleted', DeletedDevices],
];

export default function Settings({ params }: { params: Params }) {
  const section = params['section'] ?? 'general';
  const [id, name, Shown] = SECTIONS.find(([x]) => x === section)
    ?? SECTIONS[0]!;
  return (
    <Page title={t('nav.settings')} form>
      <Tabs label={t('nav.settings')} of={SECTIONS.map(([x, key]) => ({
        href: '/settings/' + x, label: t(key), here: x === id }))} />
      <section aria-label={t(name)} class="section"><Shown key={id} /></section>
    </Page>
  );
}
