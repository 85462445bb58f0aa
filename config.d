config.o: services/utils/client/config.c common/config/config.h \
  common/base/attr.h services/utils/client/clientconf.h \
  services/utils/client/pubkey.h services/utils/client/qr.h \
  services/utils/command.h

common/config/config.h:

common/base/attr.h:

services/utils/client/clientconf.h:

services/utils/client/pubkey.h:

services/utils/client/qr.h:

services/utils/command.h:
