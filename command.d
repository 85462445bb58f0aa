command.o: services/hbbr/edge/command.c services/hbbr/edge/command.h \
  common/base/attr.h common/base/buf.h services/hbbr/state/ipset.h \
  common/base/addr.h services/hbbr/state/limits.h common/base/bucket.h

services/hbbr/edge/command.h:

common/base/attr.h:

common/base/buf.h:

services/hbbr/state/ipset.h:

common/base/addr.h:

services/hbbr/state/limits.h:

common/base/bucket.h:
