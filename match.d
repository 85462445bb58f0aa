match.o: services/hbbr/pairing/match.c services/hbbr/pairing/match.h \
  common/base/addr.h common/base/attr.h common/base/map.h \
  services/hbbr/pairing/admit.h services/hbbr/pairing/handshake.h \
  common/proto/frame.h common/proto/wire.h common/base/buf.h \
  services/hbbr/state/reason.h

services/hbbr/pairing/match.h:

common/base/addr.h:

common/base/attr.h:

common/base/map.h:

services/hbbr/pairing/admit.h:

services/hbbr/pairing/handshake.h:

common/proto/frame.h:

common/proto/wire.h:

common/base/buf.h:

services/hbbr/state/reason.h:
