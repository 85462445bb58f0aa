worker.o: services/hbbr/splice/worker.c services/hbbr/splice/worker.h \
  common/base/attr.h common/net/loop.h common/net/mailbox.h \
  services/hbbr/splice/engine.h common/net/io.h \
  services/hbbr/splice/pump.h common/base/addr.h \
  services/hbbr/splice/pipes.h services/hbbr/state/limits.h \
  common/base/bucket.h services/hbbr/state/reason.h \
  services/hbbr/state/ipset.h common/base/buf.h \
  services/hbbr/state/usage.h common/base/log.h

services/hbbr/splice/worker.h:

common/base/attr.h:

common/net/loop.h:

common/net/mailbox.h:

services/hbbr/splice/engine.h:

common/net/io.h:

services/hbbr/splice/pump.h:

common/base/addr.h:

services/hbbr/splice/pipes.h:

services/hbbr/state/limits.h:

common/base/bucket.h:

services/hbbr/state/reason.h:

services/hbbr/state/ipset.h:

common/base/buf.h:

services/hbbr/state/usage.h:

common/base/log.h:
