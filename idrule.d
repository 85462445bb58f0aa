idrule.o: services/hbbs/state/idrule.c services/hbbs/state/idrule.h \
  common/proto/wire.h common/base/attr.h common/base/buf.h

services/hbbs/state/idrule.h:

common/proto/wire.h:

common/base/attr.h:

common/base/buf.h:
