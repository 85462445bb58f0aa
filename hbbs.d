hbbs.o: services/hbbs/hbbs.c services/hbbs/hbbs.h common/net/loop.h \
  common/base/attr.h common/proto/forwarded.h common/base/addr.h \
  services/hbbs/state/core.h common/proto/keys.h common/proto/wire.h \
  common/base/buf.h common/site/transport.h \
  services/hbbs/messages/access.h common/site/policy.h \
  services/hbbs/state/grants.h services/hbbs/state/client.h \
  common/base/map.h services/hbbs/state/job.h common/site/presence.h \
  common/site/record.h services/hbbs/state/limits.h \
  common/base/limiter.h common/base/bucket.h services/hbbs/state/nodes.h \
  services/hbbs/state/outbox.h services/hbbs/state/peer.h \
  services/hbbs/state/punchlog.h services/hbbs/state/relays.h \
  services/hbbs/state/rules.h services/hbbs/state/settings.h \
  common/config/config.h common/base/log.h common/net/sock.h \
  common/process/ops.h services/hbbs/edge/console.h \
  services/hbbs/edge/geo.h services/hbbs/edge/httpproxy.h \
  services/hbbs/edge/relaycheck.h services/hbbs/edge/session.h \
  services/hbbs/edge/udp.h services/hbbs/rendezvous.h \
  services/hbbs/messages/account.h services/hbbs/messages/drain.h \
  services/hbbs/state/metrics.h common/base/metric.h \
  services/hbbs/store/store.h

services/hbbs/hbbs.h:

common/net/loop.h:

common/base/attr.h:

common/proto/forwarded.h:

common/base/addr.h:

services/hbbs/state/core.h:

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

common/base/log.h:

common/net/sock.h:

common/process/ops.h:

services/hbbs/edge/console.h:

services/hbbs/edge/geo.h:

services/hbbs/edge/httpproxy.h:

services/hbbs/edge/relaycheck.h:

services/hbbs/edge/session.h:

services/hbbs/edge/udp.h:

services/hbbs/rendezvous.h:

services/hbbs/messages/account.h:

services/hbbs/messages/drain.h:

services/hbbs/state/metrics.h:

common/base/metric.h:

services/hbbs/store/store.h:
