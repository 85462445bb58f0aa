metrics.o: services/hbbr/state/metrics.c services/hbbr/state/metrics.h \
  common/base/metric.h common/base/attr.h common/base/buf.h \
  services/hbbr/state/reason.h

services/hbbr/state/metrics.h:

common/base/metric.h:

common/base/attr.h:

common/base/buf.h:

services/hbbr/state/reason.h:
