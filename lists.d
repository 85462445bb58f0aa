lists.o: services/hbbr/state/lists.c services/hbbr/state/lists.h \
  common/base/attr.h services/hbbr/state/ipset.h common/base/addr.h \
  common/base/buf.h common/base/log.h

services/hbbr/state/lists.h:

common/base/attr.h:

services/hbbr/state/ipset.h:

common/base/addr.h:

common/base/buf.h:

common/base/log.h:
