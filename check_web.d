check_web.o: services/utils/doctor/check_web.c common/base/log.h \
  common/base/addr.h common/base/attr.h common/redis/redis_sync.h \
  common/redis/redis.h common/net/loop.h services/utils/doctor/doctor.h \
  services/utils/client/pubkey.h services/utils/doctor/link.h \
  common/base/buf.h common/proto/wire.h services/utils/doctor/tls.h

common/base/log.h:

common/base/addr.h:

common/base/attr.h:

common/redis/redis_sync.h:

common/redis/redis.h:

common/net/loop.h:

services/utils/doctor/doctor.h:

services/utils/client/pubkey.h:

services/utils/doctor/link.h:

common/base/buf.h:

common/proto/wire.h:

services/utils/doctor/tls.h:
