hello.o: services/hbbr/pairing/hello.c services/hbbr/pairing/hello.h \
  common/base/addr.h common/base/attr.h common/proto/wire.h \
  common/base/buf.h common/proto/keys.h

services/hbbr/pairing/hello.h:

common/base/addr.h:

common/base/attr.h:

common/proto/wire.h:

common/base/buf.h:

common/proto/keys.h:
