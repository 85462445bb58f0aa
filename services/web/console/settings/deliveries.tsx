// What came of the last calls of a webhook.
import { Send } from 'lucide';

import { Button, State, Time, type Tone } from '../../ui/controls';
import { touch, useData } from '../../ui/data';
import { Dialog } from '../../ui/dialog';
import { api, type Page } from '../../ui/http';
import { Table } from '../../ui/list/table';
import type { Delivery, Webhook } from '../../ui/model';
import { Empty, Loaded } from '../../ui/states';
import { fail, say } from '../../ui/toast';
import { type Key, t } from '../texts';

export const deliveriesOf = (w: Webhook) =>
  `/api/webhooks/${w.guid}/deliveries`;

// The log has it, whether the address took it or not.
export async function sendTest(w: Webhook): Promise<void> {
  try {
    await api.post(`/api/webhooks/${w.guid}/test`);
    say(t('webhooks.tested'));
  } catch (e) {
    fail(e);
  }
  touch(deliveriesOf(w));
}

const TONES: Record<Delivery['result'], Tone> = {
  done: 'good', refused: 'bad', silent: 'warn',
};

function columns() {
  const kind = (d: Delivery) => t(`webhooks.kind.${d.kind}` as Key);
  return [
    { id: 'when', title: t('audit.when'),
      cell: (d: Delivery) => <Time at={d.at} /> },
    { id: 'kind', title: t('webhooks.event'), phone: true, cell: kind },
    { id: 'result', title: t('webhooks.result'), phone: true,
      cell: (d: Delivery) => (
        <State tone={TONES[d.result]}>{t(`webhooks.result.${d.result}`)}</State>
      ) },
    { id: 'why', title: t('webhooks.answer'), wide: true, phone: true,
      cell: (d: Delivery) => d.why || `HTTP ${d.status}` },
    { id: 'ms', title: t('webhooks.took'), number: true,
      cell: (d: Delivery) => t('webhooks.ms', { n: d.ms }) },
  ];
}

export function Deliveries({ hook, onClose }: {
  hook: Webhook; onClose: () => void;
}) {
  const data = useData<Page<Delivery>>(deliveriesOf(hook), undefined, 10);
  return (
    <Dialog title={t('webhooks.deliveries')} wide onClose={onClose}
      foot={<Button icon={Send} onClick={() => void sendTest(hook)}>
        {t('webhooks.test')}</Button>}>
      <p class="muted">{hook.url}</p>
      <Loaded data={data}>{(page) => page.data.length === 0
        ? <Empty title={t('webhooks.noDeliveries')}>
          {t('webhooks.noDeliveries.text')}</Empty>
        : <Table<Delivery> label={t('webhooks.deliveries')} sort=""
          columns={columns()} rows={page.data}
          keyOf={(d) => `${page.data.length - page.data.indexOf(d)}`}
          nameOf={(d) => d.event} />}</Loaded>
    </Dialog>
  );
}
