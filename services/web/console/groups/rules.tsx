// Who may reach what, beyond one's own group: each rule is a sentence. A rule
// may stand at either group; both places are read and both are cleared.
import { X } from 'lucide';

import { IconButton } from '../../ui/controls';
import { ask } from '../../ui/dialog';
import { api } from '../../ui/http';
import type { Group, Rule } from '../../ui/model';
import { AccessChange, type Call } from '../access_change';
import { act } from '../act';
import { can } from '../session';
import { t } from '../texts';
import type { GroupKind } from './kinds';

export type WhoKind = 'user' | 'user_group';
export type WhatKind = 'user_group' | 'device_group';

export interface AccessRule {
  who: { kind: WhoKind; name: string };
  what: { kind: WhatKind; name: string };
}

const USER_GROUP = 0;
const DEVICE_GROUP = 1;
const USER = 2;

export const RULE_PATHS = ['/api/user-groups', '/api/device-groups'];

export const sameRule = (a: AccessRule, b: AccessRule) =>
  a.who.kind === b.who.kind && a.who.name === b.who.name
  && a.what.kind === b.what.kind && a.what.name === b.what.name;

export function rulesIn(
  userGroups: readonly Group[], deviceGroups: readonly Group[],
): AccessRule[] {
  const all: AccessRule[] = [];
  const add = (r: AccessRule) => {
    if (!all.some((x) => sameRule(x, r)))
      all.push(r);
  };
  const incoming = (g: Group, kind: WhatKind) => {
    for (const r of g.allowed_incomings)
      add({ who: { kind: r.type === USER ? 'user' : 'user_group', name: r.name },
        what: { kind, name: g.name } });
  };
  for (const g of userGroups) {
    incoming(g, 'user_group');
    for (const r of g.allowed_outgoings ?? [])
      add({ who: { kind: 'user_group', name: g.name },
        what: { kind: r.type === DEVICE_GROUP ? 'device_group' : 'user_group',
          name: r.name } });
  }
  for (const g of deviceGroups)
    incoming(g, 'device_group');
  return all;
}

export function says(r: AccessRule): string {
  return t(`access.${r.who.kind}.${r.what.kind}`,
    { who: r.who.name, what: r.what.name });
}

async function groups(path: string): Promise<Group[]> {
  return (await api.get<{ data: Group[] }>(path,
    { query: { pageSize: 1000 } })).data;
}

const isRule = (r: Rule, type: number, name: string) =>
  r.type === type && r.name === name;

// What is to be sent for a change of rules.
interface Change extends Call {
  ifMatch: string | undefined;
}

const patch = (path: string, g: Group, body: object): Change =>
  ({ method: 'PATCH', path: `${path}/${g.guid}`, body, ifMatch: g.etag });

async function make(changes: readonly Change[]): Promise<void> {
  for (const { path, body, ifMatch } of changes)
    await api.patch(path, body, { ifMatch });
}

const reachedPath = (r: AccessRule) => r.what.kind === 'user_group'
  ? '/api/user-groups' : '/api/device-groups';

// It stands at the group that is reached: that place takes users as well.
export async function additions(r: AccessRule): Promise<Change[]> {
  const path = reachedPath(r);
  const g = (await groups(path)).find((x) => x.name === r.what.name);
  if (!g)
    throw new Error(t('api.notExist', { name: r.what.name }));
  const type = r.who.kind === 'user' ? USER : USER_GROUP;
  if (g.allowed_incomings.some((x) => isRule(x, type, r.who.name)))
    return [];
  return [patch(path, g, { allowed_incomings:
    [...g.allowed_incomings, { type, name: r.who.name }] })];
}

export async function addRule(r: AccessRule): Promise<void> {
  await make(await additions(r));
}

// The group that is reached, without R.
async function withoutIncoming(r: AccessRule): Promise<Change[]> {
  const path = reachedPath(r);
  const g = (await groups(path)).find((x) => x.name === r.what.name);
  const type = r.who.kind === 'user' ? USER : USER_GROUP;
  const left = g?.allowed_incomings
    .filter((x) => !isRule(x, type, r.who.name));
  return g && left!.length < g.allowed_incomings.length
    ? [patch(path, g, { allowed_incomings: left })] : [];
}

// The group whose members reach, without R.
async function withoutOutgoing(r: AccessRule): Promise<Change[]> {
  if (r.who.kind === 'user' || !can('user-groups.view'))
    return [];
  const path = '/api/user-groups';
  const g = (await groups(path)).find((x) => x.name === r.who.name);
  const type = r.what.kind === 'device_group' ? DEVICE_GROUP : USER_GROUP;
  const left = g?.allowed_outgoings
    ?.filter((x) => !isRule(x, type, r.what.name));
  return g && left && left.length < g.allowed_outgoings!.length
    ? [patch(path, g, { allowed_outgoings: left })] : [];
}

// In one call what is of one group: a group may name itself at both places.
async function removals(r: AccessRule): Promise<Change[]> {
  const [a, b] = [await withoutIncoming(r), await withoutOutgoing(r)];
  return a[0] && b[0] && a[0].path === b[0].path
    ? [{ ...a[0], body: { ...a[0].body, ...b[0].body } }] : [...a, ...b];
}

async function removeRule(r: AccessRule): Promise<void> {
  await make(await removals(r));
}

export function mayEdit(r: AccessRule): boolean {
  return can(r.what.kind === 'user_group'
    ? 'user-groups.edit' : 'device-groups.edit');
}

// A call as the preview takes it.
export const bare = (changes: readonly Change[]): Call[] =>
  changes.map(({ ifMatch, ...call }) => call);

function askDrop(r: AccessRule): void {
  ask({
    title: t('access.removeOne'), text: says(r), action: t('access.remove'),
    danger: true,
    more: <AccessChange of={says(r)}
      calls={async () => bare(await removals(r))} />,
    run: async () => {
      await removeRule(r);
      await act({ run: async () => undefined, undo: () => addRule(r),
        said: t('access.removed'), paths: RULE_PATHS });
    },
  });
}

export function RuleList({ rules }: { rules: readonly AccessRule[] }) {
  return (
    <ul class="rows">
      {rules.map((r) => (
        <li key={says(r)}>
          <span>{says(r)}</span>
          {mayEdit(r) && (
            <IconButton small icon={X}
              label={t('ui.removeNamed', { name: says(r) })}
              onClick={() => askDrop(r)} />)}
        </li>
      ))}
    </ul>
  );
}

// The rules that a group has itself.
export function RulesOf({ kind, g }: { kind: GroupKind; g: Group }) {
  const rules = kind.page === '/user-groups'
    ? rulesIn([g], []) : rulesIn([], [g]);
  return (
    <>
      {rules.length === 0
        ? <p class="muted">{t('access.noneHere')}</p>
        : <RuleList rules={rules} />}
      <p><a href="/access">{t('access.all')}</a></p>
    </>
  );
}
