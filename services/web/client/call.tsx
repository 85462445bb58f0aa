// Speaking with whoever sits at the device: the question when they ring, and
// what is to be seen while a call stands.
import { useEffect, useState } from 'preact/hooks';
import { Mic, MicOff, Phone, PhoneOff } from 'lucide';

import { Button, IconButton } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { deviceId } from '../ui/format';
import { Icon } from '../ui/icon';
import { say } from '../ui/toast';
import { Microphone } from './audio/microphone';
import type { Remote } from './remote';
import { t } from './texts';

const shown = new WeakSet<Remote>();
const open = new WeakMap<Remote, Microphone>();

function close(remote: Remote): void {
  open.get(remote)?.close();
  open.delete(remote);
}

// Nobody is rung, and no call taken, before the browser gives a microphone.
async function withMicrophone(remote: Remote,
  step: 'start' | 'accept'): Promise<void> {
  const microphone = await Microphone.open();
  if (!shown.has(remote)) {     // closed while the browser asked
    if (typeof microphone !== 'string')
      microphone.close();
    return;
  }
  if (typeof microphone === 'string') {
    say(t(`call.${microphone}`), { tone: 'bad' });
    return;
  }
  close(remote);
  open.set(remote, microphone);
  remote.tell({ do: 'call', step });
}

export const ring = (remote: Remote) => void withMicrophone(remote, 'start');

async function begin(remote: Remote): Promise<void> {
  const microphone = open.get(remote);
  const port = await microphone?.start();
  if (microphone && port)
    remote.tell({
      do: 'microphone', port, sampleRate: microphone.sampleRate,
    }, [port]);
}

function useCall(remote: Remote): void {
  useEffect(() => {
    shown.add(remote);
    let unmuted = false;        // who speaks with somebody hears them
    const hear = (on: boolean) => {
      const change = on ? remote.view.value.muted : unmuted;
      if (change)
        remote.setView({ muted: !on });
      unmuted = on && (change || unmuted);
    };
    remote.onCall = ({ state, news }) => {
      if (state === 'on')
        void begin(remote);
      else if (state === 'none')
        close(remote);
      if (state === 'on' || state === 'none')
        hear(state === 'on');
      if (news)
        say(t(`call.${news}`), { tone: news === 'ended' ? 'good' : 'bad' });
    };
    return () => {
      shown.delete(remote);
      hear(false);
      remote.onCall = () => undefined;
      close(remote);
    };
  }, [remote]);
}

function Ringing({ remote, name }: { remote: Remote; name: string }) {
  const decline = () => remote.tell({ do: 'call', step: 'decline' });
  return (
    <Dialog title={t('call.rings', { name })} onClose={decline} foot={<>
      <Button icon={PhoneOff} onClick={decline}>{t('call.decline')}</Button>
      <Button kind="primary" icon={Phone}
        onClick={() => void withMicrophone(remote, 'accept')}>
        {t('call.accept')}
      </Button>
    </>}>
      <p>{t('call.ringsText')}</p>
    </Dialog>
  );
}

export function CallBar({ remote }: { remote: Remote }) {
  useCall(remote);
  const [muted, setMuted] = useState(false);
  const state = remote.call.value;
  useEffect(() => setMuted(false), [state]);
  const name = remote.peer.value?.hostname || deviceId(remote.shared.id);
  if (state === 'none')
    return null;
  if (state === 'ringing')
    return <Ringing remote={remote} name={name} />;
  const mute = () => {
    const microphone = open.get(remote);
    if (microphone)
      microphone.muted = !muted;
    setMuted(!muted);
  };
  return (
    <section class="call" aria-label={t('call.title')}>
      <Icon of={Phone} />
      <span role="status">
        {t(state === 'calling' ? 'call.calling' : muted ? 'call.muted'
          : 'call.on', { name })}
      </span>
      {state === 'on' && (
        <IconButton small icon={muted ? MicOff : Mic} aria-pressed={muted}
          label={t(muted ? 'call.unmute' : 'call.mute')} onClick={mute} />
      )}
      <IconButton small icon={PhoneOff} label={t('call.end')}
        onClick={() => remote.tell({ do: 'call', step: 'end' })} />
    </section>
  );
}
