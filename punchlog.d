punchlog.o: services/hbbs/state/punchlog.c services/hbbs/state/punchlog.h \
  common/base/addr.h common/base/attr.h common/base/buf.h \
  common/proto/wire.h

services/hbbs/state/punchlog.h:

common/base/addr.h:

common/base/attr.h:

common/base/buf.h:

common/proto/wire.h:
