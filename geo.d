geo.o: services/hbbs/edge/geo.c services/hbbs/edge/geo.h \
  common/base/attr.h common/net/loop.h services/hbbs/state/relays.h \
  common/base/addr.h common/proto/wire.h common/base/buf.h \
  common/base/log.h

services/hbbs/edge/geo.h:

common/base/attr.h:

common/net/loop.h:

services/hbbs/state/relays.h:

common/base/addr.h:

common/proto/wire.h:

common/base/buf.h:

common/base/log.h:
