settings.o: services/hbbr/state/settings.c services/hbbr/state/settings.h \
  common/base/attr.h common/base/log.h common/base/addr.h \
  common/config/config.h common/proto/forwarded.h \
  services/hbbr/state/limits.h common/base/bucket.h

services/hbbr/state/settings.h:

common/base/attr.h:

common/base/log.h:

common/base/addr.h:

common/config/config.h:

common/proto/forwarded.h:

services/hbbr/state/limits.h:

common/base/bucket.h:
