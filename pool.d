pool.o: services/api/base/pool.c services/api/base/pool.h \
  common/base/attr.h common/base/log.h common/base/addr.h

services/api/base/pool.h:

common/base/attr.h:

common/base/log.h:

common/base/addr.h:
