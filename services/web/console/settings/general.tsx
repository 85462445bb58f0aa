// Access, retention, sessions, new devices, address books.
import { useData } from '../../ui/data';
import { CheckField, Form, ListField, RadioField, SaveBar, Section, TextField }
  from '../../ui/form';
import { Loaded } from '../../ui/states';
import { t } from '../texts';
import { type SectionProps, settingsPath, useSection } from './use_settings';

interface General {
  session_days: number;
  log_retention_days: number;
  recording_retention_days: number;
  access_control: string;
  require_deployment: boolean;
  presets: string;
  preset_kinds: string[];
  device_retirement_days: number;
  assign_on_login: boolean;
  only_admin_logs: boolean;
  disable_accessible: boolean;
  share_outside_group: boolean;
  alarm_mail: boolean;
  max_peer_one_ab: number;
}

type Props = SectionProps<General>;

function Access(p: Props) {
  const form = useSection('general', p, ['access_control', 'disable_accessible']);
  const modes = ['assigned', 'strict', 'off'] as const;
  return (
    <Section title={t('settings.access')} text={t('settings.access.text')}>
      <Form of={form} label={t('settings.access')}>
        <RadioField name="access_control" label={t('settings.mode')}
          options={modes.map((m) => ({ value: m,
            label: t(`settings.mode.${m}`),
            help: t(`settings.mode.${m}.help`) }))} />
        <CheckField name="disable_accessible"
          label={t('settings.hideDevices')}
          help={t('settings.hideDevices.help')} />
        <SaveBar action={t('settings.saveAccess')} />
      </Form>
    </Section>
  );
}

function NewDevices(p: Props) {
  const form = useSection('general', p,
    ['require_deployment', 'presets',
    'preset_kinds', 'assign_on_login', 'device_retirement_days']);
  return (
    <Section title={t('settings.newDevices')}
      text={t('settings.newDevices.text')}>
      <Form of={form} label={t('settings.newDevices')}>
        <CheckField name="require_deployment" label={t('settings.deployment')}
          help={t('settings.deployment.help')} />
        <RadioField name="presets" label={t('settings.presets')}
          help={t('settings.presets.help')}
          options={(['approved', 'off', 'all'] as const).map((m) => ({
            value: m, label: t(`settings.presets.${m}`),
            help: t(`settings.presets.${m}.help`) }))} />
        <ListField name="preset_kinds" label={t('settings.presetKinds')}
          help={t('settings.presetKinds.help')} />
        <CheckField name="assign_on_login" label={t('settings.assignLogin')}
          help={t('settings.assignLogin.help')} />
        <TextField name="device_retirement_days" type="number" min={0}
          max={100000} label={t('settings.retire')} suffix={t('settings.days')}
          help={t('settings.retire.help')} />
        <SaveBar action={t('settings.saveNewDevices')} />
      </Form>
    </Section>
  );
}

function Expiry(p: Props) {
  const form = useSection('general', p, ['session_days']);
  return (
    <Section title={t('settings.sessions')} text={t('settings.sessions.text')}>
      <Form of={form} label={t('settings.sessions')}>
        <TextField name="session_days" label={t('settings.sessionDays')}
          type="number" min={0} max={100000} suffix={t('settings.days')}
          help={t('settings.sessionDays.help')} />
        <SaveBar action={t('settings.saveSessions')} />
      </Form>
    </Section>
  );
}

function Records(p: Props) {
  const form = useSection('general', p, ['log_retention_days',
    'recording_retention_days', 'only_admin_logs', 'alarm_mail']);
  return (
    <Section title={t('settings.records')} text={t('settings.records.text')}>
      <Form of={form} label={t('settings.records')}>
        <TextField name="log_retention_days" label={t('settings.keepAudit')}
          type="number" min={0} max={100000} suffix={t('settings.days')}
          help={t('settings.keep.help')} />
        <TextField name="recording_retention_days" min={0} max={100000}
          label={t('settings.keepRecordings')} type="number"
          suffix={t('settings.days')} help={t('settings.keep.help')} />
        <CheckField name="only_admin_logs" label={t('settings.onlyAdmins')}
          help={t('settings.onlyAdmins.help')} />
        <CheckField name="alarm_mail" label={t('settings.alarmMail')} />
        <SaveBar action={t('settings.saveRecords')} />
      </Form>
    </Section>
  );
}

function Books(p: Props) {
  const form = useSection('general', p,
    ['max_peer_one_ab', 'share_outside_group']);
  return (
    <Section title={t('nav.books')}>
      <Form of={form} label={t('nav.books')}>
        <TextField name="max_peer_one_ab" label={t('settings.bookMax')}
          type="number" min={0} max={10000} suffix={t('settings.devices')}
          help={t('settings.bookMax.help')} />
        <CheckField name="share_outside_group"
          label={t('settings.shareOutside')}
          help={t('settings.shareOutside.help')} />
        <SaveBar action={t('settings.saveBooks')} />
      </Form>
    </Section>
  );
}

export function GeneralSettings() {
  const data = useData<General>(settingsPath('general'));
  return (
    <Loaded data={data}>
      {(value) => {
        const p = { value, etag: data.etag };
        return (
          <div>
            <Access {...p} /><NewDevices {...p} /><Expiry {...p} />
            <Records {...p} /><Books {...p} />
          </div>
        );
      }}
    </Loaded>
  );
}
