// Single sign-on providers (OpenID Connect).
import { Search } from 'lucide';

import { Copy } from '../../ui/controls';
import { CheckField, ListField, TextField } from '../../ui/form';
import { api } from '../../ui/http';
import { fail, say } from '../../ui/toast';
import { config } from '../session';
import { t } from '../texts';
import { type ItemList, ItemSettings, type Named } from './items';
import { MappingField } from './mapping';

interface Provider extends Named {
  issuer: string;
  client_id: string;
  client_secret?: string;
  client_secret_set?: boolean;
  scopes?: string;
  auto_create?: boolean;
  name_claim?: string;
  group_claim?: string;
  groups?: Record<string, string>;
  admin_group?: string;
  audiences?: string[];
}

function callback(): string {
  return (config.value?.public_url || location.origin).replace(/\/$/, '')
    + '/api/oidc/callback';
}

function Fields({ isNew, item }: { isNew: boolean; item: Provider }) {
  return (
    <>
      <div class="field">
        <span class="label">{t('oidc.callback')}</span>
        <Copy block text={callback()} />
        <p class="help">{t('oidc.callback.help')}</p>
      </div>
      <div class="pair">
        <TextField name="name" label={t('groups.name')} autofocus={isNew}
          help={t('oidc.name.help')} />
        <TextField name="issuer" label={t('oidc.issuer')} type="url" mono
          placeholder="https://login.example.com" />
      </div>
      <div class="pair">
        <TextField name="client_id" label={t('oidc.clientId')} mono />
        <TextField name="client_secret" label={t('oidc.secret')}
          type="password" help={item.client_secret_set
            ? t('settings.secretSet') : undefined} />
      </div>
      <CheckField name="enabled" label={t('oidc.enabled')} />
      <CheckField name="auto_create" label={t('oidc.create')}
        help={t('oidc.create.help')} />
      <details>
        <summary>{t('oidc.claims')}</summary>
        <div class="pair">
          <TextField name="scopes" label={t('oidc.scopes')} mono
            placeholder="openid profile email" />
          <TextField name="name_claim" label={t('oidc.nameClaim')} mono
            placeholder="preferred_username" />
          <TextField name="group_claim" label={t('oidc.groupClaim')} mono
            placeholder="groups" />
        </div>
        <ListField name="audiences" label={t('oidc.audiences')} />
      </details>
      <MappingField name="groups" label={t('settings.mapping')} />
      <TextField name="admin_group" label={t('settings.adminGroup')} mono
        help={t('settings.adminGroup.help')} />
    </>
  );
}

async function tryIt(p: Provider): Promise<void> {
  try {
    await api.post('/api/settings/oidc/test', { name: p.name });
    say(t('oidc.works', { name: p.name }));
  } catch (e) {
    fail(e);
  }
}

const OF: ItemList<Provider> = {
  section: 'oidc', list: 'providers',
  words: { title: 'settings.oidc', text: 'oidc.text', add: 'oidc.add',
    empty: 'oidc.empty' },
  initial: { name: '', issuer: '', client_id: '', enabled: true,
    auto_create: true },
  about: (p) => p.issuer, must: ['name', 'issuer', 'client_id'],
  fields: (isNew, item) => <Fields isNew={isNew} item={item} />,
  menu: (p) => [{ label: t('ldap.tryIt'), icon: Search,
    run: () => void tryIt(p) }],
};

export function OidcSettings() {
  return <ItemSettings of={OF} />;
}
