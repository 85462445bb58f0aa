// Over plain http the pages show one thing: the way to https.
import { LinkButton } from '../ui/controls';
import { config } from './session';
import { t } from './texts';

export function Unsafe() {
  const url = config.value?.https_url
    || 'https://' + location.hostname + location.pathname;
  return (
    <main class="door">
      <div class="door-box">
        <h1>{t('unsafe.title')}</h1>
        <p>{t('unsafe.text')}</p>
        <LinkButton kind="primary" href={url}>{t('unsafe.action')}</LinkButton>
        <p class="muted small">{url}</p>
      </div>
    </main>
  );
}
