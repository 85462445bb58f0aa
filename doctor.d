doctor.o: services/utils/doctor/doctor.c services/utils/doctor/doctor.h \
  common/base/attr.h services/utils/client/pubkey.h \
  services/utils/doctor/link.h common/base/addr.h common/base/buf.h \
  common/proto/wire.h common/config/config.h services/utils/command.h

services/utils/doctor/doctor.h:

common/base/attr.h:

services/utils/client/pubkey.h:

services/utils/doctor/link.h:

common/base/addr.h:

common/base/buf.h:

common/proto/wire.h:

common/config/config.h:

services/utils/command.h:
