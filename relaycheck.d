relaycheck.o: services/hbbs/edge/relaycheck.c \
  services/hbbs/edge/relaycheck.h common/base/attr.h common/net/loop.h \
  services/hbbs/state/relays.h common/base/addr.h common/proto/wire.h \
  common/base/buf.h common/base/log.h common/net/io.h common/net/sock.h

services/hbbs/edge/relaycheck.h:

common/base/attr.h:

common/net/loop.h:

services/hbbs/state/relays.h:

common/base/addr.h:

common/proto/wire.h:

common/base/buf.h:

common/base/log.h:

common/net/io.h:

common/net/sock.h:
