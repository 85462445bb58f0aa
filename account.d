account.o: services/hbbs/messages/account.c \
  services/hbbs/messages/account.h services/hbbs/state/core.h \
  common/base/addr.h common/base/attr.h common/proto/keys.h \
  common/proto/wire.h common/base/buf.h common/site/transport.h \
  services/hbbs/messages/access.h common/site/policy.h \
  services/hbbs/state/grants.h services/hbbs/state/client.h \
  common/base/map.h services/hbbs/state/job.h common/site/presence.h \
  common/site/record.h services/hbbs/state/limits.h \
  common/base/limiter.h common/base/bucket.h services/hbbs/state/nodes.h \
  services/hbbs/state/outbox.h services/hbbs/state/peer.h \
  services/hbbs/state/punchlog.h services/hbbs/state/relays.h \
  services/hbbs/state/rules.h services/hbbs/state/settings.h \
  common/config/config.h services/hbbs/state/metrics.h \
  common/base/metric.h

services/hbbs/messages/account.h:

services/hbbs/state/core.h:

common/base/addr.h:

common/base/attr.h:

common/proto/keys.h:

common/proto/wire.h:

common/base/buf.h:

common/site/transport.h:

services/hbbs/messages/access.h:

common/site/policy.h:

services/hbbs/state/grants.h:

services/hbbs/state/client.h:

common/base/map.h:

services/hbbs/state/job.h:

common/site/presence.h:

common/site/record.h:

services/hbbs/state/limits.h:

common/base/limiter.h:

common/base/bucket.h:

services/hbbs/state/nodes.h:

services/hbbs/state/outbox.h:

services/hbbs/state/peer.h:

services/hbbs/state/punchlog.h:

services/hbbs/state/relays.h:

services/hbbs/state/rules.h:

services/hbbs/state/settings.h:

common/config/config.h:

services/hbbs/state/metrics.h:

common/base/metric.h:
