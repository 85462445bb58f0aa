import.o: services/utils/exchange/import.c \
  services/utils/exchange/import.h common/config/config.h \
  common/base/attr.h common/proto/keys.h services/utils/client/pubkey.h \
  services/utils/command.h

services/utils/exchange/import.h:

common/config/config.h:

common/base/attr.h:

common/proto/keys.h:

services/utils/client/pubkey.h:

services/utils/command.h:
