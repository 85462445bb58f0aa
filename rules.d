rules.o: services/hbbs/state/rules.c services/hbbs/state/rules.h \
  common/base/addr.h common/base/attr.h common/proto/keys.h \
  common/proto/wire.h common/base/buf.h services/hbbs/state/limits.h \
  common/base/limiter.h common/base/bucket.h common/base/map.h \
  services/hbbs/state/relays.h services/hbbs/state/settings.h \
  common/config/config.h common/base/log.h

services/hbbs/state/rules.h:

common/base/addr.h:

common/base/attr.h:

common/proto/keys.h:

common/proto/wire.h:

common/base/buf.h:

services/hbbs/state/limits.h:

common/base/limiter.h:

common/base/bucket.h:

common/base/map.h:

services/hbbs/state/relays.h:

services/hbbs/state/settings.h:

common/config/config.h:

common/base/log.h:
