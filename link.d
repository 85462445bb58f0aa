link.o: services/utils/doctor/link.c services/utils/doctor/link.h \
  common/base/addr.h common/base/attr.h common/base/buf.h \
  common/proto/wire.h common/net/sock.h common/proto/frame.h

services/utils/doctor/link.h:

common/base/addr.h:

common/base/attr.h:

common/base/buf.h:

common/proto/wire.h:

common/net/sock.h:

common/proto/frame.h:
