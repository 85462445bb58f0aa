js.o: services/api/base/js.c services/api/base/js.h common/base/attr.h \
  services/api/base/pool.h

services/api/base/js.h:

common/base/attr.h:

services/api/base/pool.h:
