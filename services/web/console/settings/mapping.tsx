// Which group there becomes which user group here.
import { Field, useField, useTyped } from '../../ui/form';
import { t } from '../texts';
import { mappingOf, mappingText } from './items';

export function MappingField({ name, label }: { name: string; label: string }) {
  const p = { name, label, help: t('settings.mapping.help') };
  const f = useField(p);
  const [text, setText] = useTyped(
    (f.value ?? {}) as Record<string, string>, mappingText, mappingOf);
  return (
    <Field id={f.id} of={p} error={f.error}>
      <textarea id={f.id} rows={3} class="mono" spellcheck={false} value={text}
        {...f.aria}
        onInput={(e) => {
          setText(e.currentTarget.value);
          f.set(mappingOf(e.currentTarget.value));
        }} />
    </Field>
  );
}
