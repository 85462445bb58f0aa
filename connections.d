connections.o: services/api/client/connections.c \
  services/api/client/connections.h services/api/core/call.h \
  common/base/addr.h common/base/attr.h services/api/base/js.h \
  services/api/base/pool.h services/api/core/app.h common/base/limiter.h \
  common/base/bucket.h common/base/map.h common/base/metric.h \
  common/base/buf.h common/proto/forwarded.h services/api/base/seal.h \
  services/api/core/config.h common/config/config.h \
  services/api/core/db.h services/api/core/metrics.def \
  services/api/core/doc.h services/api/base/text.h \
  services/api/core/tx.h services/api/rules/perm.h \
  services/api/core/peer.h services/api/device/devices.h \
  services/api/journal/events.h services/api/journal/journal.h \
  services/api/journal/listing.h

services/api/client/connections.h:

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

services/api/core/peer.h:

services/api/device/devices.h:

services/api/journal/events.h:

services/api/journal/journal.h:

services/api/journal/listing.h:
