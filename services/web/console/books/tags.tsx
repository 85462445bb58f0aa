// Tags of an address book, with their colours.
import { Plus, X } from 'lucide';
import { useState } from 'preact/hooks';

import { Button, IconButton } from '../../ui/controls';
import { touch } from '../../ui/data';
import { ask } from '../../ui/dialog';
import { api } from '../../ui/http';
import type { Tag } from '../../ui/model';
import { act } from '../act';
import { t } from '../texts';

// The client's colours are ARGB in one number.
export const cssColour = (argb: number) =>
  '#' + (argb & 0xffffff).toString(16).padStart(6, '0');
const argb = (css: string) =>
  (0xff000000 | parseInt(css.slice(1), 16)) >>> 0;

export function TagDot({ color }: { color: number }) {
  return <i class="tag-dot" style={{ '--tag': cssColour(color) }} />;
}

export function TagWords({ names, all }: {
  names: readonly string[]; all: readonly Tag[];
}) {
  return (
    <span class="tags">
      {names.map((n) => (
        <span key={n} class="tag">
          <TagDot color={all.find((x) => x.name === n)?.color ?? 0x9e9e9e} />
          {n}
        </span>
      ))}
    </span>
  );
}

function NewTag({ guid, path }: { guid: string; path: string }) {
  const [name, setName] = useState('');
  const add = () => {
    if (!name.trim())
      return;
    void act({
      run: () => api.post(`/api/ab/tag/add/${guid}`, { name: name.trim() }),
      undo: () => api.remove(`/api/ab/tag/${guid}`, [name.trim()]),
      said: t('books.tagAdded', { name: name.trim() }),
      paths: [path, '/api/ab/peers'],
    }).then((ok) => { if (ok) setName(''); });
  };
  return (
    <span class="with-button">
      <input aria-label={t('books.tagName')} value={name}
        placeholder={t('books.tagName')}
        onInput={(e) => setName(e.currentTarget.value)}
        onKeyDown={(e) => { if (e.key === 'Enter') add(); }} />
      <Button icon={Plus} onClick={add}>{t('ui.add')}</Button>
    </span>
  );
}

function Row({ guid, path, tag }: { guid: string; path: string; tag: Tag }) {
  const rename = (now: string) => {
    if (now && now !== tag.name)
      void act({
        run: () => api.put(`/api/ab/tag/rename/${guid}`,
          { old: tag.name, new: now }),
        undo: () => api.put(`/api/ab/tag/rename/${guid}`,
          { old: now, new: tag.name }),
        said: t('books.tagSaved'), paths: [path, '/api/ab/peers'],
      });
  };
  const remove = () => ask({
    title: t('books.deleteTag', { name: tag.name }), danger: true,
    text: t('books.deleteTag.text'), action: t('ui.remove'),
    run: async () => {
      await api.remove(`/api/ab/tag/${guid}`, [tag.name]);
      touch(path, '/api/ab/peers');
    },
  });
  return (
    <li>
      <input type="color" value={cssColour(tag.color)}
        aria-label={t('books.colourOf', { name: tag.name })}
        onChange={(e) => void act({
          run: () => api.put(`/api/ab/tag/update/${guid}`,
            { name: tag.name, color: argb(e.currentTarget.value) }),
          undo: () => api.put(`/api/ab/tag/update/${guid}`,
            { name: tag.name, color: tag.color }),
          said: t('books.tagSaved'), paths: [path] })} />
      <input aria-label={t('books.nameOf', { name: tag.name })}
        defaultValue={tag.name}
        onBlur={(e) => rename(e.currentTarget.value.trim())} />
      <IconButton icon={X} label={t('ui.removeNamed', { name: tag.name })}
        onClick={remove} />
    </li>
  );
}

export function Tags({ guid, tags, edit }: {
  guid: string; tags: readonly Tag[]; edit: boolean;
}) {
  const path = '/api/ab/tags/' + guid;
  return (
    <div class="stack narrow">
      <p class="muted">{t('books.tags.text')}</p>
      {!edit
        ? <TagWords names={tags.map((x) => x.name)} all={tags} />
        : <>
          <ul class="tag-list">
            {tags.map((tag) => (
              <Row key={tag.name} guid={guid} path={path} tag={tag} />))}
          </ul>
          <NewTag guid={guid} path={path} />
        </>}
    </div>
  );
}
