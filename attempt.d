attempt.o: services/hbbs/messages/attempt.c \
  services/hbbs/messages/attempt.h services/hbbs/state/ask.h \
  common/base/addr.h common/base/attr.h common/site/policy.h \
  common/site/record.h common/proto/wire.h common/base/buf.h \
  services/hbbs/messages/access.h services/hbbs/state/grants.h \
  services/hbbs/state/client.h common/base/map.h common/proto/keys.h \
  common/site/transport.h services/hbbs/state/core.h \
  services/hbbs/state/job.h common/site/presence.h \
  services/hbbs/state/limits.h common/base/limiter.h \
  common/base/bucket.h services/hbbs/state/nodes.h \
  services/hbbs/state/outbox.h services/hbbs/state/peer.h \
  services/hbbs/state/punchlog.h services/hbbs/state/relays.h \
  services/hbbs/state/rules.h services/hbbs/state/settings.h \
  common/config/config.h services/hbbs/state/metrics.h \
  common/base/metric.h common/base/log.h

services/hbbs/messages/attempt.h:

services/hbbs/state/ask.h:

common/base/addr.h:

common/base/attr.h:

common/site/policy.h:

common/site/record.h:

common/proto/wire.h:

common/base/buf.h:

services/hbbs/messages/access.h:

services/hbbs/state/grants.h:

services/hbbs/state/client.h:

common/base/map.h:

common/proto/keys.h:

common/site/transport.h:

services/hbbs/state/core.h:

services/hbbs/state/job.h:

common/site/presence.h:

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

common/base/log.h:
