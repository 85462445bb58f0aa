// Settings that are a list: directories and sign-on providers.
import { Pencil, Plus, Trash2 } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { Button, State } from '../../ui/controls';
import { touch, useData } from '../../ui/data';
import { ask, Dialog } from '../../ui/dialog';
import { Form, useForm } from '../../ui/form';
import { MoreMenu, type Items } from '../../ui/menu';
import { Empty, Loaded } from '../../ui/states';
import { required } from '../create';
import { type Key, t } from '../texts';
import { putSettings, settingsPath } from './use_settings';

export interface Named {
  name: string;
  enabled?: boolean;
}

export interface ItemList<T extends Named> {
  section: 'ldap' | 'oidc';
  list: 'servers' | 'providers';
  words: { title: Key; text: Key; add: Key; empty: Key };
  initial: T;
  about: (item: T) => string;
  fields: (isNew: boolean, item: T) => ComponentChildren;
  must: readonly (keyof T & string)[];
  menu?: (item: T) => Items;
}

function ItemDialog<T extends Named>({ of, item, all, etag, onClose }: {
  of: ItemList<T>; item: T | undefined; all: readonly T[];
  etag: string | undefined; onClose: () => void;
}) {
  // The list may have been read again since the dialog was opened.
  const there = item && all.find((x) => x.name === item.name);
  const form = useForm<T>(undefined, there ?? item ?? of.initial, async (v) => {
    const list = there ? all.map((x) => x === there ? v : x) : [...all, v];
    await putSettings(of.section, { [of.list]: list }, etag);
    touch(settingsPath(of.section));
  }, (v) => Object.fromEntries(of.must.map((name) =>
    [name, required(String(v[name] ?? ''))])));
  return (
    <Dialog wide title={item?.name ?? t(of.words.add)} onClose={onClose}>
      <Form of={form} onDone={onClose}>
        {of.fields(!item, item ?? of.initial)}
        <div class="buttons end">
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" kind="primary" busy={form.saving}>
            {t('ui.save')}</Button>
        </div>
      </Form>
    </Dialog>
  );
}

// Its secret and whom it has signed in are gone with it: no Undo brings them
// back.
function remove<T extends Named>(
  of: ItemList<T>, item: T, all: readonly T[], etag: string | undefined,
): void {
  ask({
    title: t('settings.removeItem', { name: item.name }), danger: true,
    text: t('settings.removeItem.text'), action: t('ui.remove'),
    run: async () => {
      await putSettings(of.section, {
        [of.list]: all.filter((x) => x !== item) }, etag);
      touch(settingsPath(of.section));
    },
  });
}

export function ItemSettings<T extends Named>({ of, children }: {
  of: ItemList<T>; children?: ComponentChildren;
}) {
  const data = useData<Record<string, T[]>>(settingsPath(of.section));
  const [open, setOpen] = useState<T | 'new' | undefined>();
  const add = (
    <Button kind="primary" icon={Plus} onClick={() => setOpen('new')}>
      {t(of.words.add)}</Button>);
  return (
    <Loaded data={data}>
      {(value) => {
        const all = value[of.list] ?? [];
        return (
          <div class="stack">
            {all.length === 0
              ? <Empty title={t(of.words.empty)} action={add}>
                {t(of.words.text)}</Empty>
              : <>
                <header class="buttons between">
                  <p class="muted">{t(of.words.text)}</p>{add}</header>
                <ul class="rows tall">
                  {all.map((item) => (
                    <li key={item.name}>
                      <button type="button" class="link"
                        onClick={() => setOpen(item)}><b>{item.name}</b></button>
                      <span class="muted grow">{of.about(item)}</span>
                      {item.enabled === false
                        ? <State tone="off">{t('strategies.isOff')}</State>
                        : <State tone="good">{t('strategies.isOn')}</State>}
                      <MoreMenu name={item.name} items={[
                        ...of.menu?.(item) ?? [],
                        { label: t('settings.edit') + '…', icon: Pencil,
                          run: () => setOpen(item) },
                        { label: t('ui.remove') + '…', icon: Trash2,
                          danger: true,
                          run: () => remove(of, item, all, data.etag) }]} />
                    </li>
                  ))}
                </ul>
              </>}
            {children}
            {open && <ItemDialog of={of} all={all} etag={data.etag}
              item={open === 'new' ? undefined : open}
              onClose={() => setOpen(undefined)} />}
          </div>
        );
      }}
    </Loaded>
  );
}

// {"directory group": "user group"} as lines "directory group = user group".
export function mappingText(map: Record<string, string> | undefined): string {
  return Object.entries(map ?? {}).map(([a, b]) => `${a} = ${b}`).join('\n');
}

export function mappingOf(text: string): Record<string, string> {
  return Object.fromEntries(text.split('\n')
    .map((line) => {
      const at = line.lastIndexOf('=');
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()] as const;
    }).filter(([a, b]) => a && b));
}
