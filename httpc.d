httpc.o: services/api/base/httpc.c services/api/base/httpc.h \
  services/api/base/pool.h common/base/attr.h common/base/buf.h

services/api/base/httpc.h:

services/api/base/pool.h:

common/base/attr.h:

common/base/buf.h:
