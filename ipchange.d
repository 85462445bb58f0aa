ipchange.o: services/hbbs/state/ipchange.c services/hbbs/state/ipchange.h \
  common/base/addr.h common/base/attr.h common/base/buf.h \
  common/base/map.h common/proto/wire.h

services/hbbs/state/ipchange.h:

common/base/addr.h:

common/base/attr.h:

common/base/buf.h:

common/base/map.h:

common/proto/wire.h:
