ask.o: services/hbbs/state/ask.c services/hbbs/state/ask.h \
  common/base/addr.h common/base/attr.h common/site/policy.h \
  common/site/record.h common/proto/wire.h common/base/buf.h \
  services/hbbs/messages/access.h services/hbbs/state/grants.h \
  services/hbbs/state/client.h common/base/map.h common/proto/keys.h \
  common/site/transport.h

services/hbbs/state/ask.h:

common/base/addr.h:

common/base/attr.h:

common/site/policy.h:

common/site/record.h:

common/proto/wire.h:

common/base/buf.h:

services/hbbs/messages/access.h:

services/hbbs/state/grants.h:

services/hbbs/state/client.h:

common/base/map.h:

common/proto/keys.h:

common/site/transport.h:
