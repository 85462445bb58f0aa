// One's own account.
import { Form, SaveBar, Section, TextField, useForm } from '../../ui/form';
import { chooseLang, LANG_NAMES, LANGS, lang } from '../../ui/i18n';
import { api } from '../../ui/http';
import type { Params } from '../../ui/router';
import { density, DENSITIES, theme, THEMES } from '../../ui/theme';
import { fail, say } from '../../ui/toast';
import { OwnDevices } from '../me/devices';
import { Passkeys } from '../me/passkeys';
import { Password, SecondFactor, Sessions } from '../me/security';
import { Page } from '../page';
import { fresh } from '../reauth';
import { loadMe, me } from '../session';
import { t } from '../texts';

function Profile() {
  const u = me.value!;
  const elsewhere = (u.source ?? 'local') !== 'local';
  const form = useForm('me', { display_name: u.display_name, email: u.email,
    note: u.note }, async (_v, changed) => {
    await fresh(() => api.patch('/api/currentUser', changed));
    await loadMe();
  });
  return (
    <Section title={t('me.profile')}>
      <dl class="facts single">
        <div><dt>{t('users.name')}</dt><dd>{u.name}</dd></div>
        {elsewhere && <>
          <div><dt>{t('users.displayName')}</dt>
            <dd>{u.display_name || '–'}</dd></div>
          <div><dt>{t('users.email')}</dt><dd>{u.email || '–'}</dd></div>
        </>}
        <div><dt>{t('users.rights')}</dt><dd>{u.is_admin
          ? t('users.fullAdmin') : u.permissions?.length
            ? t('me.someRights') : t('me.noRights')}</dd></div>
      </dl>
      <Form of={form} label={t('me.profile')}
        onDone={() => say(t('me.profileSaved'))}>
        {!elsewhere && <div class="pair">
          <TextField name="display_name" label={t('users.displayName')}
            autocomplete="name" />
          <TextField name="email" label={t('users.email')} type="email"
            autocomplete="email" />
        </div>}
        <TextField name="note" label={t('users.note')} lines={2} />
        <SaveBar action={t('me.saveProfile')} />
      </Form>
    </Section>
  );
}

function Choice<T extends string>({ label, name, all, value, set, say }: {
  label: string; name: string; all: readonly T[]; value: T;
  set: (value: T) => void; say: (value: T) => string;
}) {
  return (
    <fieldset class="field">
      <legend>{label}</legend>
      <div class="segments">
        {all.map((x) => (
          <label key={x}>
            <input type="radio" name={name} checked={x === value}
              onChange={() => set(x)} />
            <span>{say(x)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Look() {
  return (
    <Section title={t('me.look')} text={t('me.look.text')}>
      <Choice label={t('me.language')} name="lang" all={LANGS}
        value={lang.value} say={(l) => LANG_NAMES[l]}
        set={(l) => { chooseLang(l).catch(fail); }} />
      <Choice label={t('me.theme')} name="theme" all={THEMES}
        value={theme.value} say={(x) => t(`me.theme.${x}`)}
        set={(x) => { theme.value = x; }} />
      <Choice label={t('me.density')} name="density" all={DENSITIES}
        value={density.value} say={(x) => t(`me.density.${x}`)}
        set={(x) => { density.value = x; }} />
    </Section>
  );
}

export default function Me(_: { params: Params }) {
  return (
    <Page title={t('nav.me')} form>
      <Profile /><Look /><Password /><SecondFactor /><Passkeys />
      <Sessions />
      <OwnDevices />
    </Page>
  );
}
