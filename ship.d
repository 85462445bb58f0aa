ship.o: services/api/jobs/ship.c services/api/jobs/ship.h \
  common/base/attr.h services/api/core/app.h common/base/limiter.h \
  common/base/addr.h common/base/bucket.h common/base/map.h \
  common/base/metric.h common/base/buf.h common/proto/forwarded.h \
  services/api/base/seal.h services/api/base/pool.h \
  services/api/core/config.h common/config/config.h \
  services/api/core/db.h services/api/core/metrics.def common/base/log.h \
  services/api/base/s3.h services/api/core/tx.h

services/api/jobs/ship.h:

common/base/attr.h:

services/api/core/app.h:

common/base/limiter.h:

common/base/addr.h:

common/base/bucket.h:

common/base/map.h:

common/base/metric.h:

common/base/buf.h:

common/proto/forwarded.h:

services/api/base/seal.h:

services/api/base/pool.h:

services/api/core/config.h:

common/config/config.h:

services/api/core/db.h:

services/api/core/metrics.def:

common/base/log.h:

services/api/base/s3.h:

services/api/core/tx.h:
