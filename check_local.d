check_local.o: services/utils/doctor/check_local.c \
  services/utils/doctor/doctor.h common/base/attr.h \
  services/utils/client/pubkey.h services/utils/doctor/link.h \
  common/base/addr.h common/base/buf.h common/proto/wire.h

services/utils/doctor/doctor.h:

common/base/attr.h:

services/utils/client/pubkey.h:

services/utils/doctor/link.h:

common/base/addr.h:

common/base/buf.h:

common/proto/wire.h:
