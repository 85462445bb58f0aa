// A conversation with whoever sits at the device.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Send, X } from 'lucide';

import { Button, IconButton, useFocus } from '../ui/controls';
import type { Remote } from './remote';
import { t } from './texts';

export function Chat({ remote, close }: {
  remote: Remote; close: () => void;
}) {
  const [text, setText] = useState('');
  const field = useFocus<HTMLInputElement>();
  const list = useRef<HTMLUListElement>(null);
  const lines = remote.chat.value;
  useEffect(() => {
    remote.unread.value = 0;
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [lines]);
  return (
    <aside class="panel" aria-label={t('chat.title')}
      onKeyDown={(e) => { if (e.key === 'Escape') close(); }}>
      <header>
        <h2>{t('chat.title')}</h2>
        <IconButton icon={X} label={t('panel.close')} onClick={close} />
      </header>
      <ul ref={list} class="lines" aria-live="polite">
        {lines.length === 0 && <li class="muted">{t('chat.empty')}</li>}
        {lines.map((line, i) => (
          <li key={i} class={line.mine ? 'mine' : ''}>
            <span class="sr">{t(line.mine ? 'chat.you' : 'chat.they')}</span>
            {line.text}
          </li>
        ))}
      </ul>
      <form class="chat-form" onSubmit={(e) => {
        e.preventDefault();
        if (text.trim())
          remote.say(text.trim());
        setText('');
      }}>
        <input ref={field} value={text} aria-label={t('chat.message')}
          placeholder={t('chat.message')} maxLength={4000} autoComplete="off"
          onInput={(e) => setText(e.currentTarget.value)} />
        <Button type="submit" kind="primary" icon={Send}
          disabled={!text.trim()}>{t('chat.send')}</Button>
      </form>
    </aside>
  );
}
