licence.o: services/hbbr/state/licence.c services/hbbr/state/licence.h \
  common/base/attr.h common/proto/wire.h common/base/buf.h \
  common/base/log.h common/base/addr.h common/proto/keys.h

services/hbbr/state/licence.h:

common/base/attr.h:

common/proto/wire.h:

common/base/buf.h:

common/base/log.h:

common/base/addr.h:

common/proto/keys.h:
