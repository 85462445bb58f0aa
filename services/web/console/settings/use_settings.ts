// One section of the server's settings: read, changed, undone.
import { touch } from '../../ui/data';
import { type FormOf, useForm } from '../../ui/form';
import { api } from '../../ui/http';
import { act } from '../act';
import { fresh } from '../reauth';
import { t } from '../texts';

export interface SectionProps<T> {
  value: T;
  etag: string | undefined;
}

export const settingsPath = (section: string) => '/api/settings/' + section;

export function putSettings(
  section: string, body: object, etag?: string,
): Promise<void> {
  return fresh(() => api.put(settingsPath(section), body, { ifMatch: etag }));
}

// A form over the members NAMES of a section. Secrets come empty; an empty
// one means "as before", so Undo leaves them alone.
export function useSection<T extends object, K extends keyof T>(
  section: string, p: SectionProps<T>, names: readonly K[],
): FormOf<Pick<T, K>> {
  const before = Object.fromEntries(
    names.map((n) => [n, p.value[n]])) as unknown as Pick<T, K>;
  return useForm(`settings:${section}:${String(names[0])}`, before,
    async (_v, changed) => {
      await putSettings(section, changed, p.etag);
      await act({
        run: async () => undefined, undo: () => putSettings(section, before),
        said: t('settings.saved'), paths: [settingsPath(section)],
      });
      touch('/api/web/config');
    });
}
