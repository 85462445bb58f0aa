console.o: services/utils/console.c common/config/config.h \
  common/base/attr.h common/net/sock.h common/base/addr.h \
  services/utils/command.h

common/config/config.h:

common/base/attr.h:

common/net/sock.h:

common/base/addr.h:

services/utils/command.h:
