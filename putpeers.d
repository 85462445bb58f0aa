putpeers.o: services/utils/exchange/putpeers.c \
  services/utils/exchange/putpeers.h common/base/attr.h \
  common/site/record.h common/base/addr.h common/proto/wire.h \
  common/base/buf.h services/utils/db.h common/redis/redis_sync.h \
  common/redis/redis.h common/net/loop.h common/site/record_script.h \
  common/site/statekey.h

services/utils/exchange/putpeers.h:

common/base/attr.h:

common/site/record.h:

common/base/addr.h:

common/proto/wire.h:

common/base/buf.h:

services/utils/db.h:

common/redis/redis_sync.h:

common/redis/redis.h:

common/net/loop.h:

common/site/record_script.h:

common/site/statekey.h:
