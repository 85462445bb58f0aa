// Who may reach what, in sentences; and an answer for one user and device.
import { Plus } from 'lucide';

import { Button } from '../../ui/controls';
import { touch, useData } from '../../ui/data';
import { SelectField, useFormContext } from '../../ui/form';
import { useAll } from '../../ui/list/list';
import type { Group } from '../../ui/model';
import { type Find, PickField } from '../../ui/picker';
import { place, setQuery } from '../../ui/router';
import { Empty, Loaded, Note } from '../../ui/states';
import { AccessChange } from '../access_change';
import { FormDialog, required } from '../create';
import { ExplainAny } from '../devices/explain_any';
import { findDeviceGroup, findUser, findUserGroup } from '../find';
import { type AccessRule, additions, addRule, bare, RULE_PATHS, RuleList,
  rulesIn, says, type WhatKind, type WhoKind } from '../groups/rules';
import { Page } from '../page';
import { admin, can } from '../session';
import { t } from '../texts';

interface General {
  access_control: 'off' | 'assigned' | 'strict';
}

// What holds without any rule.
function Base() {
  const data = useData<General>(admin.value
    ? '/api/settings/general' : undefined);
  const mode = data.value?.access_control;
  return (
    <section class="stack tight">
      <h2>{t('access.always')}</h2>
      {mode === 'off' && (
        <Note tone="warn" title={t('access.off')}
          action={<a href="/settings/general">{t('access.change')}</a>}>
          {t('access.off.text')}</Note>)}
      <ul class="bullets">
        <li>{t('access.ownDevices')}</li>
        <li>{t('access.ownGroup')}</li>
        {mode && mode !== 'off' && (
          <li>{t(`access.mode.${mode}`)}{' '}
            <a href="/settings/general">{t('access.change')}</a></li>)}
        <li>{t('access.disabled')}</li>
      </ul>
    </section>
  );
}

function Sides() {
  const v = useFormContext().values as unknown as Draft;
  const who: Find = v.who_kind === 'user' ? findUser : findUserGroup;
  const what: Find = v.what_kind === 'user_group'
    ? findUserGroup : findDeviceGroup;
  return (
    <>
      <div class="pair">
        <SelectField name="who_kind" label={t('access.who')} options={[
          { value: 'user_group', label: t('access.membersOf') },
          { value: 'user', label: t('access.oneUser') }]} />
        <PickField key={v.who_kind} name="who" find={who}
          label={t(v.who_kind === 'user' ? 'access.userName'
            : 'access.groupName')} />
      </div>
      <div class="pair">
        <SelectField name="what_kind" label={t('access.what')} options={[
          { value: 'device_group', label: t('access.deviceGroup') },
          { value: 'user_group', label: t('access.devicesOf') }]} />
        <PickField key={v.what_kind} name="what" find={what}
          label={t(v.what_kind === 'user_group' ? 'access.groupName'
            : 'access.deviceGroupName')} />
      </div>
    </>
  );
}

interface Draft {
  who_kind: WhoKind;
  who: string;
  what_kind: WhatKind;
  what: string;
}

const ruleOf = (v: Draft): AccessRule => ({
  who: { kind: v.who_kind, name: v.who },
  what: { kind: v.what_kind, name: v.what },
});

function Preview() {
  const v = useFormContext().values as unknown as Draft;
  const rule = ruleOf(v);
  return v.who && v.what
    ? <AccessChange of={says(rule)}
      calls={async () => bare(await additions(rule))} /> : null;
}

function NewRule() {
  const open = place.value.query.get('new') === '1';
  return (
    <>
      <Button kind="primary" icon={Plus} onClick={() => setQuery({ new: '1' })}>
        {t('access.create')}</Button>
      {open && (
        <FormDialog<Draft> title={t('access.create')} action={t('access.allow')}
          onClose={() => setQuery({ new: undefined })}
          initial={{ who_kind: 'user_group', who: '', what: '',
            what_kind: 'device_group' }}
          check={(v) => ({ who: required(v.who), what: required(v.what) })}
          save={async (v) => {
            await addRule(ruleOf(v));
            touch(...RULE_PATHS);
          }}>
          <Sides /><Preview />
        </FormDialog>
      )}
    </>
  );
}

function Rules() {
  const users = useAll<Group>(can('user-groups.view')
    ? '/api/user-groups' : undefined);
  const devices = useAll<Group>(can('device-groups.view')
    ? '/api/device-groups' : undefined);
  const edit = can('user-groups.edit', 'device-groups.edit');
  const ready = can('user-groups.view') ? users : devices;
  return (
    <Loaded data={ready}>
      {() => {
        const rules = rulesIn(users.value ?? [], devices.value ?? []);
        return rules.length === 0
          ? <Empty title={t('access.empty')} action={edit && <NewRule />}>
            {t('access.empty.text')}</Empty>
          : <section class="stack tight">
            <header class="buttons between">
              <h2>{t('access.rules')}</h2>{edit && <NewRule />}
            </header>
            <RuleList rules={rules} />
          </section>;
      }}
    </Loaded>
  );
}

export default function Access() {
  return (
    <Page title={t('nav.access')} form>
      <div class="stack">
        <Base />
        <Rules />
        {can('devices.view') && can('users.view') && (
          <section class="stack tight">
            <h2>{t('explain.title')}</h2>
            <p class="muted">{t('explain.text')}</p>
            <ExplainAny />
          </section>
        )}
      </div>
    </Page>
  );
}
