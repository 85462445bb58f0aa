registry.o: services/hbbr/edge/registry.c services/hbbr/edge/registry.h \
  common/base/attr.h common/net/loop.h services/hbbr/pairing/admit.h \
  services/hbbr/state/settings.h common/base/log.h common/base/addr.h \
  common/config/config.h common/proto/forwarded.h \
  services/hbbr/state/limits.h common/base/bucket.h common/proto/keys.h \
  common/redis/redis.h common/site/statekey.h \
  services/hbbr/pairing/hello.h common/proto/wire.h common/base/buf.h \
  services/hbbr/state/metrics.h common/base/metric.h \
  services/hbbr/state/reason.h

services/hbbr/edge/registry.h:

common/base/attr.h:

common/net/loop.h:

services/hbbr/pairing/admit.h:

services/hbbr/state/settings.h:

common/base/log.h:

common/base/addr.h:

common/config/config.h:

common/proto/forwarded.h:

services/hbbr/state/limits.h:

common/base/bucket.h:

common/proto/keys.h:

common/redis/redis.h:

common/site/statekey.h:

services/hbbr/pairing/hello.h:

common/proto/wire.h:

common/base/buf.h:

services/hbbr/state/metrics.h:

common/base/metric.h:

services/hbbr/state/reason.h:
