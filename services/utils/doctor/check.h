/*
 * check: what the doctor looks at, in the order of the report.
 *
 * A check prints one line for each thing it looked at: ok or fail, what it
 * is, what was found, and after a failure what to do about it.
 */
#pragma once

#include "services/utils/doctor/doctor.h"

bool check_names(struct doctor *d); /* false: nothing else makes sense */
void check_key(struct doctor *d);
void check_ports(struct doctor *d);
void check_udp(struct doctor *d);
void check_signal(struct doctor *d);
void check_offer(struct doctor *d);
void check_relay(struct doctor *d);
void check_wss(struct doctor *d);
void check_certificate(struct doctor *d);
void check_api(struct doctor *d);
void check_acme(struct doctor *d);
void check_mail(struct doctor *d);      /* with an administrator's token */
void check_directory(struct doctor *d); /* likewise */
void check_redis(struct doctor *d);
