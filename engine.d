engine.o: services/hbbr/splice/engine.c services/hbbr/splice/engine.h \
  common/base/attr.h common/net/io.h common/net/loop.h \
  services/hbbr/splice/pump.h common/base/addr.h \
  services/hbbr/splice/pipes.h services/hbbr/state/limits.h \
  common/base/bucket.h services/hbbr/state/reason.h \
  services/hbbr/state/ipset.h common/base/buf.h \
  services/hbbr/state/metrics.h common/base/metric.h

services/hbbr/splice/engine.h:

common/base/attr.h:

common/net/io.h:

common/net/loop.h:

services/hbbr/splice/pump.h:

common/base/addr.h:

services/hbbr/splice/pipes.h:

services/hbbr/state/limits.h:

common/base/bucket.h:

services/hbbr/state/reason.h:

services/hbbr/state/ipset.h:

common/base/buf.h:

services/hbbr/state/metrics.h:

common/base/metric.h:
