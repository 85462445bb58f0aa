hbbr.o: services/hbbr/hbbr.c services/hbbr/hbbr.h common/base/attr.h \
  services/hbbr/state/settings.h common/base/log.h common/base/addr.h \
  common/config/config.h common/proto/forwarded.h \
  services/hbbr/state/limits.h common/base/bucket.h common/net/loop.h \
  common/process/ops.h common/base/buf.h services/hbbr/edge/console.h \
  services/hbbr/front/front.h common/net/listen.h common/net/io.h \
  common/net/mailbox.h common/net/ws.h services/hbbr/front/arrival.h \
  services/hbbr/pairing/match.h common/base/map.h \
  services/hbbr/pairing/admit.h services/hbbr/pairing/handshake.h \
  common/proto/frame.h common/proto/wire.h services/hbbr/state/reason.h \
  services/hbbr/front/bridge.h services/hbbr/front/peer.h \
  services/hbbr/state/ipset.h services/hbbr/state/usage.h \
  services/hbbr/front/linger.h services/hbbr/front/link.h \
  services/hbbr/pairing/hello.h services/hbbr/splice/worker.h \
  services/hbbr/splice/engine.h services/hbbr/splice/pump.h \
  services/hbbr/splice/pipes.h services/hbbr/state/quota.h \
  services/hbbr/edge/registry.h services/hbbr/state/licence.h \
  services/hbbr/state/lists.h services/hbbr/state/metrics.h \
  common/base/metric.h

services/hbbr/hbbr.h:

common/base/attr.h:

services/hbbr/state/settings.h:

common/base/log.h:

common/base/addr.h:

common/config/config.h:

common/proto/forwarded.h:

services/hbbr/state/limits.h:

common/base/bucket.h:

common/net/loop.h:

common/process/ops.h:

common/base/buf.h:

services/hbbr/edge/console.h:

services/hbbr/front/front.h:

common/net/listen.h:

common/net/io.h:

common/net/mailbox.h:

common/net/ws.h:

services/hbbr/front/arrival.h:

services/hbbr/pairing/match.h:

common/base/map.h:

services/hbbr/pairing/admit.h:

services/hbbr/pairing/handshake.h:

common/proto/frame.h:

common/proto/wire.h:

services/hbbr/state/reason.h:

services/hbbr/front/bridge.h:

services/hbbr/front/peer.h:

services/hbbr/state/ipset.h:

services/hbbr/state/usage.h:

services/hbbr/front/linger.h:

services/hbbr/front/link.h:

services/hbbr/pairing/hello.h:

services/hbbr/splice/worker.h:

services/hbbr/splice/engine.h:

services/hbbr/splice/pump.h:

services/hbbr/splice/pipes.h:

services/hbbr/state/quota.h:

services/hbbr/edge/registry.h:

services/hbbr/state/licence.h:

services/hbbr/state/lists.h:

services/hbbr/state/metrics.h:

common/base/metric.h:
