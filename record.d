record.o: services/api/client/record.c services/api/client/record.h \
  services/api/core/call.h common/base/addr.h common/base/attr.h \
  services/api/base/js.h services/api/base/pool.h \
  services/api/core/app.h common/base/limiter.h common/base/bucket.h \
  common/base/map.h common/base/metric.h common/base/buf.h \
  common/proto/forwarded.h services/api/base/seal.h \
  services/api/core/config.h common/config/config.h \
  services/api/core/db.h services/api/core/metrics.def \
  services/api/core/doc.h services/api/base/text.h \
  services/api/core/tx.h services/api/rules/perm.h \
  services/api/jobs/ship.h

services/api/client/record.h:

services/api/core/call.h:

common/base/addr.h:

common/base/attr.h:

services/api/base/js.h:

services/api/base/pool.h:

services/api/core/app.h:

common/base/limiter.h:

common/base/bucket.h:

common/base/map.h:

common/base/metric.h:

common/base/buf.h:

common/proto/forwarded.h:

services/api/base/seal.h:

services/api/core/config.h:

common/config/config.h:

services/api/core/db.h:

services/api/core/metrics.def:

services/api/core/doc.h:

services/api/base/text.h:

services/api/core/tx.h:

services/api/rules/perm.h:

services/api/jobs/ship.h:
