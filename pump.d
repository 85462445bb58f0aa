pump.o: services/hbbr/splice/pump.c services/hbbr/splice/pump.h \
  common/base/addr.h common/base/attr.h services/hbbr/splice/pipes.h \
  services/hbbr/state/limits.h common/base/bucket.h \
  services/hbbr/state/reason.h

services/hbbr/splice/pump.h:

common/base/addr.h:

common/base/attr.h:

services/hbbr/splice/pipes.h:

services/hbbr/state/limits.h:

common/base/bucket.h:

services/hbbr/state/reason.h:
