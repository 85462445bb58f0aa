// What a client needs to find this server: string, QR code, commands.
import { useMemo } from 'preact/hooks';

import { Copy } from '../../ui/controls';
import { place } from '../../ui/router';
import { Qr } from '../../ui/qr';
import { Note } from '../../ui/states';
import { Tabs } from '../../ui/tabs';
import { Page } from '../page';
import { admin, config } from '../session';
import { byCable, command, configString, type Server, type System,
  windowsName } from '../setup_string';
import { t } from '../texts';

const SYSTEMS: readonly System[] = ['windows', 'macos', 'linux', 'android'];

export function server(): Server {
  const c = config.value!;
  return {
    host: c.id_server || location.hostname, relay: c.relay_server ?? '',
    api: (c.public_url || location.origin).replace(/\/$/, ''),
    key: c.server_key,
  };
}

function likely(): System {
  const agent = navigator.userAgent;
  return /Android|iPhone|iPad/.test(agent) ? 'android'
    : agent.includes('Windows') ? 'windows'
      : agent.includes('Mac OS') ? 'macos' : 'linux';
}

function Steps({ system, text, s }: {
  system: System; text: string; s: Server;
}) {
  if (system === 'android')
    return (
      <>
        <p>{t('setup.scan')}</p>
        <Qr text={'config=' + text} label={t('setup.qr')} />
        <p>{t('setup.adb')}</p>
        <Copy block text={byCable(text)} />
        <p class="muted">{t('setup.adb.text')}</p>
      </>
    );
  return (
    <>
      <p>{t(`setup.command.${system}`)}</p>
      <Copy block text={command(system, '--config ' + text)} />
      {system === 'windows' && <>
        <p>{t('setup.fileName')}</p>
        <Copy block text={windowsName(s)} />
      </>}
    </>
  );
}

function RollOut({ system }: { system: System }) {
  if (system === 'android')
    return null;
  return (
    <section class="part">
      <header><h2>{t('setup.rollOut')}</h2>
        <p class="muted">{t('setup.rollOut.text')}</p></header>
      <div>
        <Copy block text={command(system, '--assign --token TOKEN '
          + '--user_name NAME --device_group_name GROUP')} />
        <p class="muted">{t('setup.token')}{' '}
          {admin.value && <a href="/settings/tokens">{t('setup.tokens')}</a>}</p>
        <p>{t('setup.deploy')}</p>
        <Copy block text={command(system, '--deploy --token TOKEN')} />
      </div>
    </section>
  );
}

function ByHand({ s }: { s: Server }) {
  return (
    <section class="part">
      <header><h2>{t('setup.byHand')}</h2>
        <p class="muted">{t('setup.byHand.text')}</p></header>
      <dl class="facts single">
        <div><dt>{t('setup.idServer')}</dt><dd><Copy text={s.host} /></dd></div>
        {s.relay && <div><dt>{t('setup.relayServer')}</dt>
          <dd><Copy text={s.relay} /></dd></div>}
        <div><dt>{t('setup.apiServer')}</dt><dd><Copy text={s.api} /></dd></div>
        <div><dt>{t('setup.key')}</dt><dd><Copy text={s.key} /></dd></div>
      </dl>
    </section>
  );
}

export default function Setup() {
  const s = server();
  const text = useMemo(() => configString(s), [s.host, s.key, s.api, s.relay]);
  const asked = place.value.query.get('system') as System | null;
  const system = asked && SYSTEMS.includes(asked) ? asked : likely();
  if (!s.key)
    return (
      <Page title={t('nav.setup')} form>
        <Note tone="warn" title={t('setup.noKey')}>{t('setup.noKey.text')}</Note>
      </Page>
    );
  return (
    <Page title={t('nav.setup')} form>
      <section class="part">
        <header><h2>{t('setup.string')}</h2>
          <p class="muted">{t('setup.string.text')}</p></header>
        <div><Copy block text={text} label={t('setup.copyString')} /></div>
      </section>
      <section class="part">
        <header><h2>{t('setup.oneDevice')}</h2>
          <p class="muted">{t('setup.oneDevice.text')}</p></header>
        <div>
          <Tabs label={t('setup.oneDevice')} of={SYSTEMS.map((x) => ({
            href: '/setup?system=' + x, label: t(`setup.${x}`),
            here: x === system }))} />
          <Steps system={system} text={text} s={s} />
        </div>
      </section>
      <RollOut system={system} />
      <ByHand s={s} />
    </Page>
  );
}
