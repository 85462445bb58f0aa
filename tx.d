tx.o: services/api/core/tx.c services/api/core/tx.h common/base/attr.h \
  services/api/core/db.h services/api/base/pool.h

services/api/core/tx.h:

common/base/attr.h:

services/api/core/db.h:

services/api/base/pool.h:
