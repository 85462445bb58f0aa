check_hbbs.o: services/utils/doctor/check_hbbs.c common/net/sock.h \
  common/base/addr.h common/base/attr.h common/proto/keys.h \
  services/utils/doctor/doctor.h services/utils/client/pubkey.h \
  services/utils/doctor/link.h common/base/buf.h common/proto/wire.h

common/net/sock.h:

common/base/addr.h:

common/base/attr.h:

common/proto/keys.h:

services/utils/doctor/doctor.h:

services/utils/client/pubkey.h:

services/utils/doctor/link.h:

common/base/buf.h:

common/proto/wire.h:
