// A page that fails takes nothing else with it.
import { Component, type ComponentChildren } from 'preact';

import { Button, Copy } from '../ui/controls';
import { t } from './texts';

interface State {
  error?: unknown;
}

export class ErrorBoundary
  extends Component<{ children: ComponentChildren }, State> {
  override state: State = {};

  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ error });
  }

  override render() {
    if (this.state.error === undefined)
      return this.props.children;
    return (
      <main class="content">
        <div class="empty" role="alert">
          <h2>{t('error.page')}</h2>
          <p>{t('error.page.text')}</p>
          <Button onClick={() => location.reload()}>{t('error.reload')}</Button>
          <p class="muted small"><Copy text={String(this.state.error)} /></p>
        </div>
      </main>
    );
  }
}
