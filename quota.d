quota.o: services/hbbr/state/quota.c services/hbbr/state/quota.h \
  common/base/addr.h common/base/attr.h common/base/map.h

services/hbbr/state/quota.h:

common/base/addr.h:

common/base/attr.h:

common/base/map.h:
