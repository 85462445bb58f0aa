handshake.o: services/hbbr/pairing/handshake.c \
  services/hbbr/pairing/handshake.h common/base/attr.h \
  common/proto/frame.h common/proto/wire.h common/base/buf.h \
  services/hbbr/state/reason.h common/proto/keys.h

services/hbbr/pairing/handshake.h:

common/base/attr.h:

common/proto/frame.h:

common/proto/wire.h:

common/base/buf.h:

services/hbbr/state/reason.h:

common/proto/keys.h:
