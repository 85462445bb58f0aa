// An invited user chooses a password. The link's secret leaves the address
// at once.
import { useState } from 'preact/hooks';

import { Button } from '../../ui/controls';
import { Form, TextField, useForm } from '../../ui/form';
import { api } from '../../ui/http';
import { go, place } from '../../ui/router';
import { Note } from '../../ui/states';
import { say } from '../../ui/toast';
import { t } from '../texts';
import { Door } from './sign_in';

const MIN_PASSWORD = 8;

function secret(): string {
  return new URLSearchParams(location.hash.slice(1)).get('token')
    ?? place.value.query.get('token') ?? '';
}

export function Invitation() {
  const [token] = useState(() => {
    const found = secret();
    history.replaceState(null, '', '/invite');
    return found;
  });
  const form = useForm(undefined, { password: '', again: '' },
    (v) => api.post('/api/invite/accept', { token, password: v.password },
      { quiet: true }),
    (v) => ({
      password: v.password.length < MIN_PASSWORD && t('api.password8'),
      again: v.again !== v.password && t('password.differ'),
    }));
  if (!token)
    return (
      <Door title={t('invite.title')}>
        <Note tone="warn">{t('invite.broken')}</Note>
      </Door>
    );
  return (
    <Door title={t('invite.title')}>
      <p>{t('invite.text')}</p>
      <Form of={form} label={t('invite.title')} onDone={() => {
        say(t('invite.done'));
        go('/', { replace: true });
      }}>
        <TextField name="password" label={t('password.new')} type="password"
          autofocus />
        <TextField name="again" label={t('password.again')} type="password" />
        <Button type="submit" kind="primary" busy={form.saving}>
          {t('invite.action')}
        </Button>
      </Form>
    </Door>
  );
}
