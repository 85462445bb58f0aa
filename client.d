client.o: services/hbbs/state/client.c services/hbbs/state/client.h \
  common/base/addr.h common/base/attr.h common/base/map.h \
  common/proto/keys.h common/site/transport.h

services/hbbs/state/client.h:

common/base/addr.h:

common/base/attr.h:

common/base/map.h:

common/proto/keys.h:

common/site/transport.h:
