// Directories (LDAP, Active Directory), with a try.
import { Search } from 'lucide';
import { useState } from 'preact/hooks';

import { Button } from '../../ui/controls';
import { Dialog } from '../../ui/dialog';
import { CheckField, Form, ListField, SelectField, TextField, useForm }
  from '../../ui/form';
import { api } from '../../ui/http';
import { Note } from '../../ui/states';
import { t } from '../texts';
import { type ItemList, ItemSettings, type Named } from './items';
import { MappingField } from './mapping';

interface Directory extends Named {
  url: string;
  starttls?: boolean;
  tls_verify?: boolean;
  ca?: string;
  bind_dn?: string;
  bind_password?: string;
  bind_password_set?: boolean;
  base_dn: string;
  scope?: string;
  filter?: string;
  username_attributes?: string[];
  id_attribute?: string;
  email_attribute?: string;
  name_attribute?: string;
  group_attribute?: string;
  groups?: Record<string, string>;
  admin_group?: string;
}

function Fields({ isNew, item }: { isNew: boolean; item: Directory }) {
  return (
    <>
      <div class="pair">
        <TextField name="name" label={t('groups.name')} autofocus={isNew} />
        <TextField name="url" label={t('ldap.url')} mono
          placeholder="ldaps://dc.example.com" />
      </div>
      <CheckField name="enabled" label={t('ldap.enabled')} />
      <CheckField name="starttls" label={t('ldap.starttls')} />
      <CheckField name="tls_verify" label={t('mail.verify')} />
      <div class="pair">
        <TextField name="bind_dn" label={t('ldap.bindDn')} mono />
        <TextField name="bind_password" label={t('signIn.password')}
          type="password" help={item.bind_password_set
            ? t('settings.secretSet') : undefined} />
      </div>
      <div class="pair">
        <TextField name="base_dn" label={t('ldap.baseDn')} mono
          placeholder="dc=example,dc=com" />
        <SelectField name="scope" label={t('ldap.scope')} options={[
          { value: 'sub', label: t('ldap.scope.sub') },
          { value: 'one', label: t('ldap.scope.one') }]} />
      </div>
      <TextField name="filter" label={t('ldap.filter')} mono
        placeholder="(objectClass=person)" />
      <ListField name="username_attributes" label={t('ldap.nameAttributes')}
        placeholder={'uid\ncn'} />
      <details>
        <summary>{t('ldap.attributes')}</summary>
        <div class="pair">
          <TextField name="id_attribute" label={t('ldap.id')} mono
            placeholder="entryUUID" />
          <TextField name="email_attribute" label={t('ldap.email')} mono
            placeholder="mail" />
          <TextField name="name_attribute" label={t('ldap.fullName')} mono
            placeholder="displayName" />
          <TextField name="group_attribute" label={t('ldap.groups')} mono
            placeholder="memberOf" />
        </div>
        <TextField name="ca" label={t('ldap.ca')} lines={4} mono />
      </details>
      <MappingField name="groups" label={t('settings.mapping')} />
      <TextField name="admin_group" label={t('settings.adminGroup')} mono
        help={t('settings.adminGroup.help')} />
    </>
  );
}

function TestDialog({ item, onClose }: {
  item: Directory; onClose: () => void;
}) {
  const [good, setGood] = useState(false);
  const form = useForm(undefined, { username: '' }, async (v) => {
    setGood(false);
    await api.post('/api/settings/ldap/test', { name: item.name, ...v });
    setGood(true);
  });
  return (
    <Dialog title={t('ldap.test', { name: item.name })} onClose={onClose}>
      <Form of={form}>
        <TextField name="username" label={t('ldap.testUser')} autofocus
          help={t('ldap.testUser.help')} />
        <div><Button type="submit" kind="primary" busy={form.saving}>
          {t('ldap.tryIt')}</Button></div>
        {good && <Note tone="good">{t(form.values.username
          ? 'ldap.found' : 'ldap.works')}</Note>}
      </Form>
    </Dialog>
  );
}

export function LdapSettings() {
  const [testing, setTesting] = useState<Directory | undefined>();
  const of: ItemList<Directory> = {
    section: 'ldap', list: 'servers',
    words: { title: 'settings.ldap', text: 'ldap.text', add: 'ldap.add',
      empty: 'ldap.empty' },
    initial: { name: '', url: '', base_dn: '', enabled: true, starttls: false,
      tls_verify: true, scope: 'sub', username_attributes: ['uid', 'cn'] },
    about: (d) => d.url, must: ['name', 'url', 'base_dn'],
    fields: (isNew, item) => <Fields isNew={isNew} item={item} />,
    menu: (d) => [{ label: t('ldap.tryIt') + '…', icon: Search,
      run: () => setTesting(d) }],
  };
  return (
    <ItemSettings of={of}>
      {testing && <TestDialog item={testing}
        onClose={() => setTesting(undefined)} />}
    </ItemSettings>
  );
}
