grants.o: services/hbbs/state/grants.c services/hbbs/state/grants.h \
  common/base/addr.h common/base/attr.h common/proto/keys.h \
  common/proto/wire.h common/base/buf.h

services/hbbs/state/grants.h:

common/base/addr.h:

common/base/attr.h:

common/proto/keys.h:

common/proto/wire.h:

common/base/buf.h:
