#include "services/api/account/pages.h"

static const char html[] =
	"<!doctype html>\n"
	"<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n"
	"<meta name=\"robots\" content=\"noindex\">\n"
	"<title>Account</title>\n"
	"<link rel=\"stylesheet\" href=\"account.css\">\n"
	"<script src=\"account.js\" defer></script></head>\n"
	"<body><main><h1></h1><form></form>\n"
	"<p id=\"says\" role=\"status\" aria-live=\"polite\"></p>\n"
	"<div id=\"more\"></div>\n"
	"<noscript>This page needs JavaScript.</noscript>\n"
	"</main></body></html>\n";

static const char css[] =
	":root{color-scheme:light dark;font:14px/1.5 system-ui,sans-serif}\n"
	"body{margin:0;display:grid;place-items:center;min-height:100vh}\n"
	"main{width:min(22rem,100vw - 32px);padding:24px 0}\n"
	"h1{font-size:20px;line-height:1.25;font-weight:600;margin:0 0 16px}\n"
	"label{display:block;margin:0 0 12px}\n"
	"input{display:block;box-sizing:border-box;width:100%;margin-top:4px;\n"
	" font:inherit;padding:8px;border:1px solid #8889;border-radius:6px}\n"
	"button{font:inherit;font-weight:500;padding:8px 16px;border:0;\n"
	" border-radius:6px;background:#1a5fd0;color:#fff;cursor:pointer}\n"
	"button[disabled]{opacity:.5;cursor:default}\n"
	"#says:not(:empty){margin:16px 0 0;padding-left:8px;\n"
	" border-left:3px solid currentColor}\n"
	"code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}\n"
	"ol{columns:2}\n";

/* Helpers: an element, the form of some fields, a call of the API. */
static const char script_base[] =
	"'use strict';\n"
	"const $ = (q) => document.querySelector(q);\n"
	"let secret = location.hash.slice(1);\n"
	"if (secret) history.replaceState(null, '', location.pathname);\n"
	"function el(tag, text, more) {\n"
	"  const e = Object.assign(document.createElement(tag), more);\n"
	"  if (text) e.append(text);\n"
	"  return e;\n"
	"}\n"
	"function say(text) { $('#says').textContent = text; }\n"
	"async function call(path, body) {\n"
	"  const r = await fetch('api/' + path, {method: 'POST',\n"
	"    headers: {'Content-Type': 'application/json'},\n"
	"    body: JSON.stringify(body)});\n"
	"  const text = await r.text();\n"
	"  let o = {};\n"
	"  try { o = text ? JSON.parse(text) : {}; }\n"
	"  catch { o = {error: 'The server does not answer'}; }\n"
	"  if (!r.ok || o.error) throw Error(o.error || r.statusText);\n"
	"  return o;\n"
	"}\n"
	"/* FIELDS: [name, label, type, autocomplete]; DO gets their values. */\n"
	"function ask(title, fields, button, act) {\n"
	"  document.title = title;\n"
	"  $('h1').textContent = title;\n"
	"  const form = el('form'), go = el('button', button);\n"
	"  for (const [name, label, type, autocomplete] of fields) {\n"
	"    const l = el('label', label);\n"
	"    l.append(el('input', '', {name, type, autocomplete,\n"
	"      required: true, minLength: autocomplete === 'new-password'\n"
	"        ? 8 : 1}));\n"
	"    form.append(l);\n"
	"  }\n"
	"  form.append(go);\n"
	"  form.onsubmit = async (ev) => {\n"
	"    ev.preventDefault();\n"
	"    go.disabled = true;\n"
	"    say('');\n"
	"    try { await act(Object.fromEntries(new FormData(form))); }\n"
	"    catch (e) { say(e.message || 'The server does not answer'); }\n"
	"    go.disabled = false;\n"
	"  };\n"
	"  $('form').replaceWith(form);\n"
	"  const first = form.querySelector('input');\n"
	"  if (first) first.focus();\n"
	"}\n"
	"function done(title, text) {\n"
	"  document.title = title;\n"
	"  $('h1').textContent = title;\n"
	"  $('form').replaceWith(el('form'));\n"
	"  say(text);\n"
	"}\n";

static const char script_pages[] =
	"const twice = [\n"
	"  ['password', 'New password', 'password', 'new-password'],\n"
	"  ['again', 'New password again', 'password', 'new-password']];\n"
	"const token = ['token', 'Code from the mail', 'text', 'off'];\n"
	"function newPassword(title, path) {\n"
	"  ask(title, secret ? twice : [token, ...twice], 'Set password',\n"
	"    async (v) => {\n"
	"      if (v.password !== v.again)\n"
	"        throw Error('The two passwords are not the same');\n"
	"      await call(path, {token: secret || v.token.trim(),\n"
	"        password: v.password});\n"
	"      done(title, 'Done. You can sign in with it now.');\n"
	"    });\n"
	"}\n"
	"const pages = {\n"
	"  invite: () => newPassword('Welcome', 'invite/accept'),\n"
	"  reset: () => newPassword('New password', 'password/reset'),\n"
	"  forgot: () => ask('Forgotten password',\n"
	"    [['username', 'Name or e-mail address', 'text', 'username']],\n"
	"    'Send a mail', async (v) => {\n"
	"      await call('password/forgot', v);\n"
	"      secret = '';\n"
	"      pages.reset();\n"
	"      say('If there is such an account with an e-mail address, a ' +\n"
	"        'mail is on its way. Open its link, or type its code here.');\n"
	"    }),\n"
	"  'two-factor': () => ask('Two-factor authentication',\n"
	"    [['username', 'Name', 'text', 'username'],\n"
	"     ['password', 'Password', 'password', 'current-password']],\n"
	"    'Next', async (who) => {\n"
	"      const s = await call('tfa/totp/setup', who);\n"
	"      confirmCode(who, s);\n"
	"    }),\n"
	"};\n"
	"function confirmCode(who, s) {\n"
	"  ask('Two-factor authentication', [['code', 'Six digits that the ' +\n"
	"    'app shows', 'text', 'one-time-code']], 'Switch on',\n"
	"    async (v) => {\n"
	"      const r = await call('tfa/totp/confirm', {...who,\n"
	"        code: v.code.trim()});\n"
	"      $('#more').replaceChildren(el('p', 'Each of these codes works ' +\n"
	"        'once, in place of one from the app. Keep them: they are ' +\n"
	"        'not shown again.'), list(r.recovery_codes));\n"
	"      done('Two-factor authentication', 'It is on. You can sign in.');\n"
	"    });\n"
	"  $('#more').replaceChildren(el('p', 'Add this key to your ' +\n"
	"    'authenticator app:'), el('p', el('code', s.secret)),\n"
	"    el('p', el('a', 'Open it in an app on this device', {href: s.url})));\n"
	"}\n"
	"function list(codes) {\n"
	"  const ol = el('ol');\n"
	"  for (const c of codes) ol.append(el('li', el('code', c)));\n"
	"  return ol;\n"
	"}\n"
	"(pages[location.pathname.split('/').pop()] || pages.forgot)();\n";

int account_page(struct call *c)
{
	return call_html(c, html);
}

int account_script(struct call *c)
{
	call_text(c, call_fmt(c, "%s%s", script_base, script_pages));
	c->type = "text/javascript; charset=utf-8";
	return 0;
}

int account_style(struct call *c)
{
	call_text(c, css);
	c->type = "text/css; charset=utf-8";
	return 0;
}
