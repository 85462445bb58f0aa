ipset.o: services/hbbr/state/ipset.c services/hbbr/state/ipset.h \
  common/base/addr.h common/base/attr.h common/base/buf.h

services/hbbr/state/ipset.h:

common/base/addr.h:

common/base/attr.h:

common/base/buf.h:
