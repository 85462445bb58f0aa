// Ending a session that runs.
import { touch } from '../../ui/data';
import { ask } from '../../ui/dialog';
import { deviceId } from '../../ui/format';
import { api } from '../../ui/http';
import type { Session } from '../../ui/model';
import { say } from '../../ui/toast';
import { t } from '../texts';

export function askDisconnect(
  s: Pick<Session, 'guid' | 'device' | 'user_name' | 'peer_name' | 'peer_id'>,
): void {
  ask({
    title: t('sessions.disconnect'), danger: true,
    text: t('sessions.disconnect.text', { device: deviceId(s.device),
      user: s.user_name || s.peer_name || s.peer_id }),
    action: t('sessions.disconnect'),
    run: async () => {
      await api.post(`/api/audits/conn/${s.guid}/disconnect`);
      say(t('sessions.disconnecting'));
      touch('/api/web/sessions', '/api/audits/conn');
    },
  });
}
