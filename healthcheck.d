healthcheck.o: services/utils/doctor/healthcheck.c common/base/addr.h \
  common/base/attr.h common/process/ops.h common/base/buf.h \
  common/net/loop.h services/utils/command.h

common/base/addr.h:

common/base/attr.h:

common/process/ops.h:

common/base/buf.h:

common/net/loop.h:

services/utils/command.h:
