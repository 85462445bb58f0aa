// The settings of a strategy: each is left alone or fixed to a value.
import { Plus, X } from 'lucide';
import { useId, useState } from 'preact/hooks';

import { Button, IconButton } from '../../ui/controls';
import { t } from '../texts';
import { groupName, grouped, type OptionOf, optionName, valueName }
  from './options';

export type Options = Readonly<Record<string, string>>;

interface EditorProps {
  options: readonly OptionOf[];
  value: Options;
  onChange: (now: Options) => void;
  readOnly: boolean;
}

function Control({ id, o, value, set, readOnly }: {
  id: string; o: OptionOf; value: string | undefined;
  set: (value: string | undefined) => void; readOnly: boolean;
}) {
  const unset = t('strategies.notSet', { value: valueName(o.name, o.kind, o.default) });
  const choices = o.kind === 'switch' ? ['Y', 'N'] : o.values;
  if (choices.length > 0)
    return (
      <select id={id} value={value ?? ''} disabled={readOnly}
        onChange={(e) => set(e.currentTarget.value || undefined)}>
        <option value="">{unset}</option>
        {choices.map((v) => (
          <option key={v} value={v}>{valueName(o.name, o.kind, v)}</option>))}
      </select>
    );
  return (
    <input id={id} type={(o.kind === 'number' ? 'number' : 'text') as 'text'}
      value={value ?? ''} placeholder={unset} disabled={readOnly}
      autoComplete="off" spellcheck={false}
      onInput={(e) => set(e.currentTarget.value || undefined)} />
  );
}

function Row({ o, p }: { o: OptionOf; p: EditorProps }) {
  const id = useId();
  const value = p.value[o.name];
  const set = (now: string | undefined) => {
    const { [o.name]: _gone, ...rest } = p.value;
    p.onChange(now === undefined ? rest : { ...rest, [o.name]: now });
  };
  return (
    <div class={value === undefined ? 'option' : 'option fixed'}>
      <label for={id}>{optionName(o.name, o.text)} <code>{o.name}</code></label>
      <Control id={id} o={o} value={value} set={set} readOnly={p.readOnly} />
    </div>
  );
}

function Others({ p }: { p: EditorProps }) {
  const [name, setName] = useState('');
  const known = new Set(p.options.map((o) => o.name));
  const others = Object.keys(p.value).filter((n) => !known.has(n));
  const add = () => {
    if (name && p.value[name] === undefined)
      p.onChange({ ...p.value, [name]: '' });
    setName('');
  };
  return (
    <details open={others.length > 0}>
      <summary>{t('strategies.others')}</summary>
      <p class="muted">{t('strategies.others.text')}</p>
      {others.map((n) => (
        <div key={n} class="option fixed">
          <label for={'o-' + n}><code>{n}</code></label>
          <span class="with-button">
            <input id={'o-' + n} value={p.value[n]} disabled={p.readOnly}
              onInput={(e) => p.onChange({ ...p.value,
                [n]: e.currentTarget.value })} />
            {!p.readOnly && <IconButton icon={X}
              label={t('ui.removeNamed', { name: n })}
              onClick={() => {
                const { [n]: _gone, ...rest } = p.value;
                p.onChange(rest);
              }} />}
          </span>
        </div>
      ))}
      {!p.readOnly && (
        <span class="with-button">
          <input aria-label={t('strategies.otherName')} value={name}
            placeholder={t('strategies.otherName')} class="mono"
            pattern="[A-Za-z0-9_\-]+" spellcheck={false}
            onInput={(e) => setName(e.currentTarget.value.trim())}
            onKeyDown={(e) => {
              if (e.key === 'Enter') {
                e.preventDefault();
                add();
              }
            }} />
          <Button icon={Plus} onClick={add}>{t('ui.add')}</Button>
        </span>
      )}
    </details>
  );
}

export function OptionsEditor(p: EditorProps) {
  const [text, setText] = useState('');
  const [fixedOnly, setFixedOnly] = useState(false);
  const shown = (o: OptionOf) => (!fixedOnly || p.value[o.name] !== undefined)
    && (optionName(o.name, o.text) + ' ' + o.name).toLowerCase()
      .includes(text.toLowerCase());
  return (
    <div class="options-editor">
      <div class="bar">
        <input type="search" class="search" aria-label={t('strategies.find')}
          placeholder={t('strategies.find')} value={text}
          onInput={(e) => setText(e.currentTarget.value)} />
        <label class="check">
          <input type="checkbox" checked={fixedOnly}
            onChange={(e) => setFixedOnly(e.currentTarget.checked)} />
          <span>{t('strategies.fixedOnly')}</span>
        </label>
      </div>
      {grouped(p.options).map(([group, all]) => {
        const list = all.filter(shown);
        return list.length > 0 && (
          <fieldset key={group} class="option-group">
            <legend>{groupName(group)}</legend>
            {list.map((o) => <Row key={o.name} o={o} p={p} />)}
          </fieldset>
        );
      })}
      <Others p={p} />
    </div>
  );
}
