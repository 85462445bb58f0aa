usage.o: services/hbbr/state/usage.c services/hbbr/state/usage.h \
  common/base/addr.h common/base/attr.h common/base/buf.h \
  services/hbbr/state/limits.h common/base/bucket.h

services/hbbr/state/usage.h:

common/base/addr.h:

common/base/attr.h:

common/base/buf.h:

services/hbbr/state/limits.h:

common/base/bucket.h:
