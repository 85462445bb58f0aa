check_relay.o: services/utils/doctor/check_relay.c common/proto/frame.h \
  common/base/attr.h common/proto/keys.h services/utils/doctor/doctor.h \
  services/utils/client/pubkey.h services/utils/doctor/link.h \
  common/base/addr.h common/base/buf.h common/proto/wire.h \
  services/utils/doctor/tls.h

common/proto/frame.h:

common/base/attr.h:

common/proto/keys.h:

services/utils/doctor/doctor.h:

services/utils/client/pubkey.h:

services/utils/doctor/link.h:

common/base/addr.h:

common/base/buf.h:

common/proto/wire.h:

services/utils/doctor/tls.h:
