/*
 * pages: the few pages that mails lead to, for a browser without account:
 * accepting an invitation, a forgotten password, setting up one-time codes.
 *
 * One page, one script, one style sheet; the script looks at the path. It may
 * load nothing from elsewhere and runs in nobody's frame (call_html()).
 */
#pragma once

#include "services/api/core/call.h"

int account_page(struct call *c);   /* /invite /forgot /reset /two-factor */
int account_script(struct call *c); /* /account.js */
int account_style(struct call *c);  /* /account.css */
