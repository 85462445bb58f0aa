doc.o: services/api/core/doc.c services/api/core/doc.h \
  services/api/base/js.h common/base/attr.h services/api/base/pool.h \
  services/api/base/text.h services/api/core/tx.h services/api/core/db.h

services/api/core/doc.h:

services/api/base/js.h:

common/base/attr.h:

services/api/base/pool.h:

services/api/base/text.h:

services/api/core/tx.h:

services/api/core/db.h:
