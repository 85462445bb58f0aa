// What stands in the middle before there is a picture, and when it was lost:
// the step, a question of the device, the countdown, the end.
import { useEffect, useState } from 'preact/hooks';
import { Check, CircleAlert, LoaderCircle, RotateCw, X } from 'lucide';

import { Button, useFocus } from '../ui/controls';
import { deviceId } from '../ui/format';
import { Icon } from '../ui/icon';
import type { Question } from '../protocol/session';
import { guest } from './guest';
import type { Step } from './messages';
import type { Phase, Remote } from './remote';
import { closeUse } from './open';
import type { Use } from './open';
import { me } from './server';
import { reason, t } from './texts';

const STEPS: readonly Step[] =
  ['finding', 'relay', 'identity', 'login', 'picture'];
const SLOW: Readonly<Record<Step, number>> = {
  finding: 4, relay: 4, identity: 3, login: 4, picture: 4, live: 0,
};

function useSeconds(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function Connecting({ step, cancel, name }: {
  step: Step; cancel: () => void; name: string;
}) {
  const [since, setSince] = useState(Date.now());
  useEffect(() => setSince(Date.now()), [step]);
  const slow = useSeconds() - since > SLOW[step] * 1000;
  const at = STEPS.indexOf(step);
  return (
    <section class="card" aria-live="polite">
      <h1>{name}</h1>
      <ol class="steps">
        {STEPS.map((s, i) => (
          <li key={s} class={i < at ? 'past' : i === at ? 'now' : ''}
            aria-current={i === at ? 'step' : undefined}>
            <span class="step-mark">
              {i < at ? <Icon of={Check} />
                : i === at ? <Icon of={LoaderCircle} /> : null}
            </span>
            {t(`step.${s}` as 'step.finding')}
          </li>
        ))}
      </ol>
      <p class="muted small slow">
        {slow ? t('step.slow', { n: SLOW[step] }) : '\u00a0'}
      </p>
      <div class="card-foot">
        <Button icon={X} onClick={cancel}>{t('ask.cancel')}</Button>
      </div>
    </section>
  );
}

function Password({ remote, wrong, cancel, name }: {
  remote: Remote; wrong: boolean; cancel: () => void; name: string;
}) {
  const [password, setPassword] = useState('');
  const field = useFocus<HTMLInputElement>();
  return (
    <form class="card" onSubmit={(e) => {
      e.preventDefault();
      if (password)
        remote.answerPassword(password);
    }}>
      <h1>{name}</h1>
      <div class="field">
        <label for="password">{t('ask.password')}</label>
        <input id="password" ref={field} type="password" value={password}
          autoComplete="off" aria-invalid={wrong}
          aria-describedby="password-help"
          onInput={(e) => setPassword(e.currentTarget.value)} />
        <p id="password-help" class={wrong ? 'error' : 'help'} role="status">
          {t(wrong ? 'ask.wrong' : 'ask.passwordHelp')}
        </p>
      </div>
      <div class="card-foot">
        <Button onClick={cancel}>{t('ask.cancel')}</Button>
        <Button type="submit" kind="primary" disabled={!password}>
          {t('ask.continue')}
        </Button>
      </div>
    </form>
  );
}

function Code({ remote, wrong, trustable, cancel, name }: {
  remote: Remote; wrong: boolean; trustable: boolean; cancel: () => void;
  name: string;
}) {
  const [code, setCode] = useState('');
  const [trust, setTrust] = useState(false);
  const field = useFocus<HTMLInputElement>();
  const digits = code.replace(/\D/g, '');
  return (
    <form class="card" onSubmit={(e) => {
      e.preventDefault();
      if (digits.length === 6)
        void remote.answerCode(digits, trust);
    }}>
      <h1>{name}</h1>
      <div class="field">
        <label for="code">{t('ask.code')}</label>
        <input id="code" ref={field} class="mono" inputMode="numeric"
          value={code} autoComplete="one-time-code" maxLength={8}
          aria-invalid={wrong} aria-describedby="code-help"
          onInput={(e) => setCode(e.currentTarget.value)} />
        <p id="code-help" class={wrong ? 'error' : 'help'} role="status">
          {t(wrong ? 'ask.codeWrong' : 'ask.codeHelp')}
        </p>
      </div>
      {trustable && (
        <label class="check">
          <input type="checkbox" checked={trust}
            onChange={(e) => setTrust(e.currentTarget.checked)} />
          <span>{t('ask.trust')}</span>
        </label>
      )}
      <div class="card-foot">
        <Button onClick={cancel}>{t('ask.cancel')}</Button>
        <Button type="submit" kind="primary" disabled={digits.length !== 6}>
          {t('ask.continue')}
        </Button>
      </div>
    </form>
  );
}

function Sessions({ remote, sessions, current, cancel, name }: {
  remote: Remote; current: number; cancel: () => void; name: string;
  sessions: readonly { sid: number; name: string }[];
}) {
  return (
    <section class="card">
      <h1>{name}</h1>
      <p class="muted">{t('ask.sessions')}</p>
      <div class="choices">
        {sessions.map((s) => (
          <Button key={s.sid} kind={s.sid === current ? 'primary' : 'plain'}
            onClick={() => remote.answerSession(s.sid)}>
            {s.name || String(s.sid)}
          </Button>
        ))}
      </div>
      <div class="card-foot">
        <Button onClick={cancel}>{t('ask.cancel')}</Button>
      </div>
    </section>
  );
}

function Wait({ text, cancel, name }: {
  text: string; cancel: () => void; name: string;
}) {
  return (
    <section class="card" aria-live="polite">
      <h1>{name}</h1>
      <p class="wait"><Icon of={LoaderCircle} size={20} /> {text}</p>
      <div class="card-foot">
        <Button icon={X} onClick={cancel}>{t('ask.cancel')}</Button>
      </div>
    </section>
  );
}

function Minute({ until, cancel, name }: {
  until: number; cancel: () => void; name: string;
}) {
  const n = Math.max(0, Math.ceil((until - useSeconds()) / 1000));
  return <Wait text={t('ask.minute', { n })} cancel={cancel} name={name} />;
}

function Asked({ q, remote, cancel, name }: {
  q: Question; remote: Remote; cancel: () => void; name: string;
}) {
  switch (q.ask) {
    case 'password':
      return <Password {...{ remote, cancel, name }} wrong={q.wrong} />;
    case 'code':
      return <Code {...{ remote, cancel, name }} wrong={q.wrong}
        trustable={q.trustable} />;
    case 'accept':
      return <Wait text={t('ask.accept')} cancel={cancel} name={name} />;
    case 'minute':
      return <Minute until={q.until} cancel={cancel} name={name} />;
    case 'windows-session':
      return <Sessions {...{ remote, cancel, name }} sessions={q.sessions}
        current={q.current} />;
  }
}

function Again({ remote, phase, cancel, name }: {
  remote: Remote; phase: Extract<Phase, { phase: 'waiting' }>;
  cancel: () => void; name: string;
}) {
  const n = Math.max(0, Math.ceil((phase.until - useSeconds()) / 1000));
  return (
    <section class="card">
      <h1>{t('again.title', { name })}</h1>
      <p class="muted" role="status">
        {reason(phase.outcome, deviceId(remote.shared.id))}
      </p>
      <p class="countdown" aria-live="off">{t('again.in', { n })}</p>
      <div class="card-foot">
        <Button onClick={cancel}>{t('again.stop')}</Button>
        <Button kind="primary" icon={RotateCw}
          onClick={() => remote.tell({ do: 'now' })}>
          {t('again.now')}
        </Button>
      </div>
    </section>
  );
}

function Ended({ remote, phase, cancel, name }: {
  remote: Remote; phase: Extract<Phase, { phase: 'ended' }>;
  cancel: () => void; name: string;
}) {
  const { key, again } = phase.outcome;
  const signIn = key === 'refused' && !me.value && !guest.value;
  return (
    <section class="card" role="alert">
      <h1><Icon of={CircleAlert} size={20} /> {name}</h1>
      <p>{reason(phase.outcome, deviceId(remote.shared.id))}</p>
      <div class="card-foot">
        <Button onClick={cancel}>{t('end.back')}</Button>
        {signIn && <a class="button" href="/">{t('home.signIn')}</a>}
        {again !== 'never' && (
          <Button kind="primary" icon={RotateCw}
            onClick={() => remote.tell({ do: 'now' })}>
            {t('end.again')}
          </Button>
        )}
      </div>
    </section>
  );
}

export function Phases({ remote, use }: { remote: Remote; use: Use }) {
  const phase = remote.phase.value;
  const cancel = () => closeUse(use);
  const name = remote.peer.value?.hostname || deviceId(remote.shared.id);
  const props = { remote, cancel, name };
  switch (phase.phase) {
    case 'live': return null;
    case 'connecting':
      return (
        <div class="center veil">
          <Connecting step={phase.step} cancel={cancel} name={name} />
        </div>
      );
    case 'question':
      return (
        <div class="center veil"><Asked q={phase.question} {...props} /></div>
      );
    case 'waiting':
      return <div class="center veil"><Again phase={phase} {...props} /></div>;
    case 'ended':
      return <div class="center veil"><Ended phase={phase} {...props} /></div>;
  }
}
