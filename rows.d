rows.o: services/api/core/rows.c services/api/core/rows.h \
  services/api/core/doc.h services/api/base/js.h common/base/attr.h \
  services/api/base/pool.h services/api/base/text.h \
  services/api/core/tx.h services/api/core/db.h common/site/policy_row.h \
  common/site/policy.h

services/api/core/rows.h:

services/api/core/doc.h:

services/api/base/js.h:

common/base/attr.h:

services/api/base/pool.h:

services/api/base/text.h:

services/api/core/tx.h:

services/api/core/db.h:

common/site/policy_row.h:

common/site/policy.h:
