// "May this user reach this device, and why?", answered by the code that
// decides in signalling.
import { useState } from 'preact/hooks';

import { Button, State } from '../../ui/controls';
import { sentence } from '../../ui/errors';
import { list } from '../../ui/format';
import { Form, SelectField, useForm } from '../../ui/form';
import { PickField } from '../../ui/picker';
import { api } from '../../ui/http';
import type { Device, Tri } from '../../ui/model';
import { findUser } from '../find';
import { type Key, t } from '../texts';

export interface Verdict {
  allowed: boolean;
  reason: 'ok' | 'user_disabled' | 'device_disabled' | 'owner_disabled'
    | 'sign_in' | 'no_rule' | 'role';
  rule: 'none' | 'owner' | 'same_user_group'
    | 'user_group_may_reach_user_group' | 'user_group_lets_in'
    | 'user_group_may_reach_device_group' | 'device_group_lets_in';
  assigned: boolean;
  role: string;
  permissions: Record<string, Tri>;
  owner: string;
  owner_group: string;
  device_group: string;
  user_group: string;
}

export const CONN_KINDS = ['remote', 'file', 'tunnel', 'rdp', 'camera',
  'terminal'] as const;

function why(v: Verdict): string {
  if (!v.allowed)
    return t(`explain.${v.reason}`);
  if (v.rule !== 'none')
    return t(`explain.rule.${v.rule}`, { owner: v.owner,
      owners: v.owner_group, group: v.user_group, devices: v.device_group });
  return t(v.assigned ? 'explain.ok' : 'explain.unassigned');
}

function roleName(role: string): string {
  return role === 'default' || role === 'not_logged'
    ? t(`controlRoles.builtin.${role}`) : role;
}

function Permissions({ v }: { v: Verdict }) {
  const by = (tri: Tri) => Object.entries(v.permissions)
    .filter(([, x]) => x === tri).map(([name]) => t(`perm.${name}` as Key));
  const on = by('enable');
  const off = by('disable');
  const role = roleName(v.role);
  return (
    <>
      {on.length > 0 && <p>{t('explain.on', { what: list(on), role })}</p>}
      {off.length > 0 && <p>{t('explain.off', { what: list(off), role })}</p>}
      {on.length + off.length === 0 && <p>{t('explain.own')}</p>}
    </>
  );
}

export function Answer({ v }: { v: Verdict }) {
  return (
    <div class="answer" role="status">
      <p><State tone={v.allowed ? 'good' : 'bad'}>
        {t(v.allowed ? 'explain.yes' : 'explain.no')}</State></p>
      <p>{why(v)}</p>
      {v.allowed && <Permissions v={v} />}
    </div>
  );
}

export function Explain({ device }: { device: Device }) {
  const [answer, setAnswer] = useState<Verdict | undefined>();
  const [error, setError] = useState('');
  const form = useForm(undefined, { user: '', kind: 'remote' }, async (v) => {
    setError('');
    try {
      setAnswer(await api.post<Verdict>('/api/web/explain',
        { user: v.user, device: device.id, kind: v.kind }));
    } catch (e) {
      setAnswer(undefined);
      setError(sentence(e));
    }
  });
  return (
    <div class="stack">
      <Form of={form}>
        <PickField name="user" label={t('explain.user')} find={findUser}
          clearable help={t('explain.nobody')} />
        <SelectField name="kind" label={t('explain.kind')}
          options={CONN_KINDS.map((k) => ({
            value: k, label: t(`explain.kind.${k}`) }))} />
        <Button type="submit" kind="primary" busy={form.saving}>
          {t('explain.action')}
        </Button>
      </Form>
      {error && <p class="error" role="alert">{error}</p>}
      {answer && <Answer v={answer} />}
    </div>
  );
}
