// Where events are sent to, signed.
import { History, Pencil, Plus, Send, Trash2 } from 'lucide';
import { useState } from 'preact/hooks';

import { Button, State } from '../../ui/controls';
import { touch } from '../../ui/data';
import { ask } from '../../ui/dialog';
import { CheckField, TextField, useFormContext } from '../../ui/form';
import { list } from '../../ui/format';
import { api } from '../../ui/http';
import { LocalList, useAll } from '../../ui/list/list';
import type { Column } from '../../ui/list/table';
import type { Webhook } from '../../ui/model';
import { Empty } from '../../ui/states';
import { act } from '../act';
import { FormDialog, required } from '../create';
import { fresh } from '../reauth';
import { t } from '../texts';
import { Deliveries, sendTest } from './deliveries';

const PATH = '/api/webhooks';
const KINDS = ['conn', 'file', 'alarm', 'console'] as const;

const settingsOf = (w?: Webhook) => ({ url: w?.url ?? '',
  events: w?.events ?? [], enabled: w?.enabled ?? true });
type Values = ReturnType<typeof settingsOf> & { secret: string };

const kinds = (w: Webhook) => w.events?.length
  ? list(KINDS.filter((k) => w.events!.includes(k))
    .map((k) => t(`webhooks.kind.${k}`)))
  : t('webhooks.all');

function columns(): Column<Webhook>[] {
  return [
    { id: 'url', title: t('webhooks.url'), wide: true, cell: (w) => w.url,
      value: (w) => w.url },
    { id: 'state', title: t('strategies.state'), phone: true,
      value: (w) => w.enabled !== false, cell: (w) => w.enabled === false
        ? <State tone="off">{t('strategies.isOff')}</State>
        : <State tone="good">{t('strategies.isOn')}</State> },
    { id: 'events', title: t('webhooks.events'), cell: kinds, value: kinds },
    { id: 'secret', title: t('webhooks.signed'),
      cell: (w) => t(w.secret_set ? 'ui.yes' : 'ui.no'),
      value: (w) => w.secret_set },
  ];
}

function Events() {
  const form = useFormContext();
  const chosen = form.values['events'] as string[];
  return (
    <fieldset class="field">
      <legend>{t('webhooks.events')}</legend>
      {KINDS.map((k) => (
        <label key={k} class="check">
          <input type="checkbox" checked={chosen.includes(k)}
            onChange={(e) => form.set({ events: e.currentTarget.checked
              ? [...chosen, k] : chosen.filter((x) => x !== k) })} />
          <span>{t(`webhooks.kind.${k}`)}</span>
        </label>
      ))}
      <p class="help">{t('webhooks.events.help')}</p>
    </fieldset>
  );
}

// A new secret replaces one that nobody can read: then there is no Undo.
async function change(hook: Webhook, v: Values): Promise<void> {
  const path = `${PATH}/${hook.guid}`;
  await fresh(() => api.patch(path, v, { ifMatch: hook.etag }));
  await act({
    run: async () => undefined,
    undo: v.secret ? undefined : () => api.patch(path, settingsOf(hook)),
    said: t('webhooks.saved'), paths: [PATH],
  });
}

function HookDialog({ hook, onClose }: {
  hook: Webhook | undefined; onClose: () => void;
}) {
  return (
    <FormDialog title={t(hook ? 'webhooks.edit' : 'webhooks.create')}
      action={t(hook ? 'ui.save' : 'webhooks.create')} onClose={onClose}
      initial={{ ...settingsOf(hook), secret: '' }}
      check={(v) => ({ url: required(v.url) })}
      save={async (v) => {
        if (hook)
          return change(hook, v);
        await fresh(() => api.post(PATH, v));
        touch(PATH);
      }}>
      <TextField name="url" label={t('webhooks.url')} type="url" mono autofocus
        placeholder="https://example.com/hook" />
      <TextField name="secret" label={t('webhooks.secret')} type="password"
        help={t(hook?.secret_set ? 'settings.secretSet'
          : 'webhooks.secret.help')} />
      <Events />
      <CheckField name="enabled" label={t('webhooks.enabled')} />
    </FormDialog>
  );
}

export function WebhookSettings() {
  const data = useAll<Webhook>(PATH);
  const [open, setOpen] = useState<Webhook | 'new' | undefined>();
  const [shown, setShown] = useState<Webhook | undefined>();
  const add = (
    <Button kind="primary" icon={Plus} onClick={() => setOpen('new')}>
      {t('webhooks.create')}</Button>);
  const remove = (w: Webhook) => ask({
    title: t('webhooks.delete'), danger: true, text: w.url,
    action: t('webhooks.delete'),
    run: async () => {
      await fresh(() => api.remove(`${PATH}/${w.guid}`));
      touch(PATH);
    },
  });
  return (
    <>
      <LocalList<Webhook> id="webhooks" label={t('settings.webhooks')}
        data={data} columns={columns()} keyOf={(w) => w.guid}
        nameOf={(w) => w.url} open={setOpen} bar={add}
        menu={(w) => [
          { label: t('webhooks.deliveries') + '…', icon: History,
            run: () => setShown(w) },
          { label: t('webhooks.test'), icon: Send,
            run: () => void sendTest(w) },
          { label: t('webhooks.edit') + '…', icon: Pencil,
            run: () => setOpen(w) },
          { label: t('webhooks.delete') + '…', icon: Trash2, danger: true,
            run: () => remove(w) }]}
        empty={<Empty title={t('webhooks.empty')} action={add}>
          {t('webhooks.empty.text')}</Empty>} />
      {open && <HookDialog hook={open === 'new' ? undefined
        : data.value?.find((w) => w.guid === open.guid) ?? open}
        onClose={() => setOpen(undefined)} />}
      {shown && <Deliveries hook={shown}
        onClose={() => setShown(undefined)} />}
    </>
  );
}
