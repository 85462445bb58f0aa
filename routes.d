routes.o: services/api/routes.c services/api/account/accessible.h \
  services/api/core/call.h common/base/addr.h common/base/attr.h \
  services/api/base/js.h services/api/base/pool.h \
  services/api/core/app.h common/base/limiter.h common/base/bucket.h \
  common/base/map.h common/base/metric.h common/base/buf.h \
  common/proto/forwarded.h services/api/base/seal.h \
  services/api/core/config.h common/config/config.h \
  services/api/core/db.h services/api/core/metrics.def \
  services/api/core/doc.h services/api/base/text.h \
  services/api/core/tx.h services/api/rules/perm.h \
  services/api/account/api_tokens.h services/api/account/ldap.h \
  services/api/account/login.h services/api/account/oidc.h \
  services/api/account/totp.h services/api/account/users.h \
  services/api/book/books.h services/api/rules/booklevel.h \
  services/api/client/assign.h services/api/client/connections.h \
  services/api/core/peer.h services/api/client/posts.h \
  services/api/client/record.h services/api/client/switch_grant.h \
  services/api/client/sync.h services/api/core/route.h \
  services/api/device/device_admin.h services/api/jobs/mail.h \
  services/api/jobs/webhooks.h services/api/journal/events.h \
  services/api/journal/listing.h services/api/policy/admin_roles.h \
  services/api/policy/control_roles.h services/api/policy/groups.h \
  services/api/policy/strategies.h services/api/system/openapi.h \
  services/api/system/settings.h

services/api/account/accessible.h:

services/api/core/call.h:

common/base/addr.h:

common/base/attr.h:

services/api/base/js.h:

services/api/base/pool.h:

services/api/core/app.h:

common/base/limiter.h:

common/base/bucket.h:

common/base/map.h:

common/base/metric.h:

common/base/buf.h:

common/proto/forwarded.h:

services/api/base/seal.h:

services/api/core/config.h:

common/config/config.h:

services/api/core/db.h:

services/api/core/metrics.def:

services/api/core/doc.h:

services/api/base/text.h:

services/api/core/tx.h:

services/api/rules/perm.h:

services/api/account/api_tokens.h:

services/api/account/ldap.h:

services/api/account/login.h:

services/api/account/oidc.h:

services/api/account/totp.h:

services/api/account/users.h:

services/api/book/books.h:

services/api/rules/booklevel.h:

services/api/client/assign.h:

services/api/client/connections.h:

services/api/core/peer.h:

services/api/client/posts.h:

services/api/client/record.h:

services/api/client/switch_grant.h:

services/api/client/sync.h:

services/api/core/route.h:

services/api/device/device_admin.h:

services/api/jobs/mail.h:

services/api/jobs/webhooks.h:

services/api/journal/events.h:

services/api/journal/listing.h:

services/api/policy/admin_roles.h:

services/api/policy/control_roles.h:

services/api/policy/groups.h:

services/api/policy/strategies.h:

services/api/system/openapi.h:

services/api/system/settings.h:
