// An account is handed to the person of its name in a directory or at a
// provider.
import { signal } from '@preact/signals';

import { useData } from '../../ui/data';
import { Dialog } from '../../ui/dialog';
import { SelectField } from '../../ui/form';
import { api } from '../../ui/http';
import type { User } from '../../ui/model';
import { Loaded } from '../../ui/states';
import { say } from '../../ui/toast';
import { FormDialog, required } from '../create';
import { fresh } from '../reauth';
import type { Named } from '../settings/items';
import { settingsPath } from '../settings/use_settings';
import { t } from '../texts';

export const relinking = signal<User | undefined>(undefined);

const close = () => { relinking.value = undefined; };

function Choose({ u, from }: { u: User; from: readonly string[] }) {
  return (
    <FormDialog title={t('users.relink')} action={t('users.relink')}
      initial={{ from: from[0]! }} onClose={close}
      check={(v) => ({ from: required(v.from) })}
      save={async (v) => {
        const at = v.from.indexOf(':');
        await fresh(() => api.post(`/api/users/${u.guid}/relink`, {
          source: v.from.slice(0, at), directory: v.from.slice(at + 1) }));
        say(t('users.relinked', { name: u.name }));
      }}>
      <p>{t('users.relink.text', { name: u.name })}</p>
      <SelectField name="from" label={t('users.relink.from')}
        options={from.map((x) => ({ value: x,
          label: x.slice(x.indexOf(':') + 1) }))} />
    </FormDialog>
  );
}

export function RelinkDialog() {
  const u = relinking.value;
  const ldap = useData<{ servers?: Named[] }>(u && settingsPath('ldap'));
  const oidc = useData<{ providers?: Named[] }>(u && settingsPath('oidc'));
  if (!u)
    return null;
  const read = ldap.value && oidc.value;
  const from = [
    ...(ldap.value?.servers ?? []).map((x) => 'ldap:' + x.name),
    ...(oidc.value?.providers ?? []).map((x) => 'oidc:' + x.name)];
  if (read && from.length > 0)
    return <Choose u={u} from={from} />;
  return (
    <Dialog title={t('users.relink')} onClose={close}>
      <Loaded data={ldap}>{() => <Loaded data={oidc}>{() => (
        <p>{t('users.relink.none')}{' '}
          <a href="/settings/directories" onClick={close}>
            {t('settings.ldap')}</a>{' '}
          <a href="/settings/sign-on" onClick={close}>
            {t('settings.oidc')}</a></p>)}</Loaded>}</Loaded>
    </Dialog>
  );
}
