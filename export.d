export.o: services/utils/exchange/export.c common/config/config.h \
  common/base/attr.h services/utils/backup/durable.h \
  services/utils/backup/outfile.h services/utils/command.h \
  services/utils/db.h common/redis/redis_sync.h common/redis/redis.h \
  common/base/addr.h common/net/loop.h services/utils/exchange/line.h \
  common/site/record.h common/proto/wire.h common/base/buf.h

common/config/config.h:

common/base/attr.h:

services/utils/backup/durable.h:

services/utils/backup/outfile.h:

services/utils/command.h:

services/utils/db.h:

common/redis/redis_sync.h:

common/redis/redis.h:

common/base/addr.h:

common/net/loop.h:

services/utils/exchange/line.h:

common/site/record.h:

common/proto/wire.h:

common/base/buf.h:
