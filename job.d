job.o: services/hbbs/state/job.c services/hbbs/state/job.h \
  common/base/addr.h common/base/attr.h common/base/map.h \
  common/site/presence.h common/site/transport.h common/site/record.h \
  common/proto/wire.h common/base/buf.h services/hbbs/messages/access.h \
  common/site/policy.h services/hbbs/state/grants.h \
  services/hbbs/state/client.h common/proto/keys.h

services/hbbs/state/job.h:

common/base/addr.h:

common/base/attr.h:

common/base/map.h:

common/site/presence.h:

common/site/transport.h:

common/site/record.h:

common/proto/wire.h:

common/base/buf.h:

services/hbbs/messages/access.h:

common/site/policy.h:

services/hbbs/state/grants.h:

services/hbbs/state/client.h:

common/proto/keys.h:
