main.o: services/utils/main.c common/base/attr.h common/proto/keys.h \
  services/utils/command.h

common/base/attr.h:

common/proto/keys.h:

services/utils/command.h:
