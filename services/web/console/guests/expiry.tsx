// For how long a guest link leads to its devices.
import { SelectField, TextField, useFormContext } from '../../ui/form';
import { t } from '../texts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const MAX_DAYS = 90;
// A clock here that is ahead of the server's must not ask for too much.
const SKEW = 15 * 60;

export interface Expiry {
  expires_at: string;   // seconds from now, "date", or "" to leave it
  day: string;          // 2026-01-31, with "date"
}

const now = () => Math.floor(Date.now() / 1000);

// The end of the day where the maker is.
const endOf = (day: string) =>
  Math.floor(new Date(`${day}T23:59:59`).getTime() / 1000);

export function secondsOf(e: Expiry): number {
  return e.expires_at === 'date' ? endOf(e.day)
    : now() + Math.min(Number(e.expires_at), MAX_DAYS * DAY - SKEW);
}

export function checkExpiry(e: Expiry): Record<string, string | false> {
  if (e.expires_at !== 'date')
    return {};
  const left = endOf(e.day) - now();
  return { day: Number.isNaN(left) ? t('ui.required')
    : (left <= 0 || left > MAX_DAYS * DAY - SKEW)
      && t('guests.dayWrong', { n: MAX_DAYS }) };
}

export function ExpiryFields({ keep }: { keep?: boolean }) {
  const form = useFormContext();
  const of = form.values as unknown as Expiry;
  const option = (value: number, label: string) =>
    ({ value: String(value), label });
  return (
    <div class="pair">
      <SelectField name="expires_at" label={t('guests.lasts')} options={[
        ...keep ? [{ value: '', label: t('guests.keep') }] : [],
        option(HOUR, t('guests.hours', { n: 1 })),
        option(8 * HOUR, t('guests.hours', { n: 8 })),
        ...[1, 7, 30, MAX_DAYS].map((n) =>
          option(n * DAY, t('devices.days', { n }))),
        { value: 'date', label: t('guests.untilDay') }]} />
      {of.expires_at === 'date' && (
        <TextField name="day" type="date" label={t('guests.day')} />)}
    </div>
  );
}
