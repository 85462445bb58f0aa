relays.o: services/hbbs/state/relays.c services/hbbs/state/relays.h \
  common/base/addr.h common/base/attr.h common/proto/wire.h \
  common/base/buf.h

services/hbbs/state/relays.h:

common/base/addr.h:

common/base/attr.h:

common/proto/wire.h:

common/base/buf.h:
