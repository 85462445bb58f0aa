import_reference.o: services/utils/exchange/import_reference.c \
  services/utils/exchange/import.h services/utils/exchange/putpeers.h \
  common/base/attr.h common/site/record.h common/base/addr.h \
  common/proto/wire.h common/base/buf.h services/utils/db.h \
  common/redis/redis_sync.h common/redis/redis.h common/net/loop.h \
  services/utils/exchange/refdb.h

services/utils/exchange/import.h:

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

services/utils/exchange/refdb.h:
