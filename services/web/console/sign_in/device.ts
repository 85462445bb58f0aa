// What the list of own sessions calls this browser.
export function browserName(): { os: string; type: string; name: string } {
  const agent = navigator.userAgent;
  const known = [['Edg', 'Edge'], ['Firefox', 'Firefox'], ['Chrome', 'Chrome'],
    ['Safari', 'Safari']] as const;
  const found = known.find(([token]) => agent.includes(token + '/'));
  const version = found
    && new RegExp(found[0] + '/(\\d+)').exec(agent)?.[1];
  const os = [['Android', 'Android'], ['iPhone|iPad', 'iOS'],
    ['Windows', 'Windows'], ['Mac OS', 'macOS'], ['Linux', 'Linux']]
    .find(([pattern]) => new RegExp(pattern!).test(agent))?.[1] ?? '';
  return {
    os, type: 'browser',
    name: found ? `${found[1]} ${version ?? ''}`.trim() : 'Browser',
  };
}
