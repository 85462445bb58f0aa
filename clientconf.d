clientconf.o: services/utils/client/clientconf.c \
  services/utils/client/clientconf.h common/base/attr.h

services/utils/client/clientconf.h:

common/base/attr.h:
