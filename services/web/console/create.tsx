// A dialog with one form: making a thing, or changing a small one.
import type { ComponentChildren } from 'preact';

import { Button } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { Form, useForm } from '../ui/form';
import { t } from '../ui/texts';

export function FormDialog<T extends object>(p: {
  title: string; action: string; initial: T; onClose: () => void;
  save: (values: T) => Promise<unknown>;
  check?: (values: T) => Record<string, string | false | undefined>;
  children: ComponentChildren; wide?: boolean;
}) {
  const form = useForm<T>(undefined, p.initial, (v) => p.save(v), p.check);
  return (
    <Dialog title={p.title} onClose={p.onClose} wide={p.wide ?? false}>
      <Form of={form} onDone={p.onClose}>
        {p.children}
        <div class="buttons end">
          <Button onClick={p.onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" kind="primary" busy={form.saving}>
            {p.action}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}

export const required = (text: string) => !text.trim() && t('ui.required');
