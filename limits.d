limits.o: services/hbbr/state/limits.c services/hbbr/state/limits.h \
  common/base/bucket.h

services/hbbr/state/limits.h:

common/base/bucket.h:
