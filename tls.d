tls.o: services/utils/doctor/tls.c services/utils/doctor/tls.h \
  common/base/attr.h services/utils/doctor/link.h common/base/addr.h \
  common/base/buf.h common/proto/wire.h

services/utils/doctor/tls.h:

common/base/attr.h:

services/utils/doctor/link.h:

common/base/addr.h:

common/base/buf.h:

common/proto/wire.h:
