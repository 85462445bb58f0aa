// One's own account.
import { Section } from '../../ui/form';
import { chooseLang, LANG_NAMES, LANGS, lang } from '../../ui/i18n';
import type { Params } from '../../ui/router';
import { density, DENSITIES, theme, THEMES } from '../../ui/theme';
import { fail } from '../../ui/toast';
import { OwnDevices } from '../me/devices';
import { Passkeys } from '../me/passkeys';
import { Password, SecondFactor, Sessions } from '../me/security';
import { Page } from '../page';
import { me } from '../session';
import { t } from '../texts';

function Profile() {
  const u = me.value!;
  return (
    <Section title={t('me.profile')}>
      <dl class="facts single">
        <div><dt>{t('users.name')}</dt><dd>{u.name}</dd></div>
        {u.display_name && <div><dt>{t('users.displayName')}</dt>
          <dd>{u.display_name}</dd></div>}
        <div><dt>{t('users.email')}</dt><dd>{u.email || '–'}</dd></div>
        <div><dt>{t('users.rights')}</dt><dd>{u.is_admin
          ? t('users.fullAdmin') : u.permissions?.length
            ? t('me.someRights') : t('me.noRights')}</dd></div>
      </dl>
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
