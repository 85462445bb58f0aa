server.o: services/api/server.c services/api/server.h common/base/attr.h \
  services/api/core/config.h common/config/config.h common/base/log.h \
  common/base/addr.h common/net/loop.h common/process/ops.h \
  common/base/buf.h common/proto/keys.h services/api/core/http.h \
  services/api/core/app.h common/base/limiter.h common/base/bucket.h \
  common/base/map.h common/base/metric.h common/proto/forwarded.h \
  services/api/base/seal.h services/api/base/pool.h \
  services/api/core/db.h services/api/core/metrics.def \
  services/api/jobs/ship.h services/api/jobs/worker.h

services/api/server.h:

common/base/attr.h:

services/api/core/config.h:

common/config/config.h:

common/base/log.h:

common/base/addr.h:

common/net/loop.h:

common/process/ops.h:

common/base/buf.h:

common/proto/keys.h:

services/api/core/http.h:

services/api/core/app.h:

common/base/limiter.h:

common/base/bucket.h:

common/base/map.h:

common/base/metric.h:

common/proto/forwarded.h:

services/api/base/seal.h:

services/api/base/pool.h:

services/api/core/db.h:

services/api/core/metrics.def:

services/api/jobs/ship.h:

services/api/jobs/worker.h:
