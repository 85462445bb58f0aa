load.o: services/utils/backup/load.c services/utils/backup/load.h \
  common/base/attr.h services/utils/backup/item.h common/base/buf.h \
  services/utils/db.h common/redis/redis_sync.h common/redis/redis.h \
  common/base/addr.h common/net/loop.h services/utils/backup/durable.h

services/utils/backup/load.h:

common/base/attr.h:

services/utils/backup/item.h:

common/base/buf.h:

services/utils/db.h:

common/redis/redis_sync.h:

common/redis/redis.h:

common/base/addr.h:

common/net/loop.h:

services/utils/backup/durable.h:
