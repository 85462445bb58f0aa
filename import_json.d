import_json.o: services/utils/exchange/import_json.c \
  services/utils/backup/durable.h common/base/attr.h \
  services/utils/backup/infile.h services/utils/backup/load.h \
  services/utils/backup/item.h common/base/buf.h services/utils/db.h \
  common/redis/redis_sync.h common/redis/redis.h common/base/addr.h \
  common/net/loop.h services/utils/exchange/import.h \
  services/utils/exchange/line.h common/site/record.h \
  common/proto/wire.h services/utils/exchange/putpeers.h

services/utils/backup/durable.h:

common/base/attr.h:

services/utils/backup/infile.h:

services/utils/backup/load.h:

services/utils/backup/item.h:

common/base/buf.h:

services/utils/db.h:

common/redis/redis_sync.h:

common/redis/redis.h:

common/base/addr.h:

common/net/loop.h:

services/utils/exchange/import.h:

services/utils/exchange/line.h:

common/site/record.h:

common/proto/wire.h:

services/utils/exchange/putpeers.h:
