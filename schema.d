schema.o: services/api/core/schema.c services/api/core/schema.h \
  services/api/base/js.h common/base/attr.h services/api/base/pool.h

services/api/core/schema.h:

services/api/base/js.h:

common/base/attr.h:

services/api/base/pool.h:
