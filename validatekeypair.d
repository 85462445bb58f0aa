validatekeypair.o: services/utils/client/validatekeypair.c \
  common/proto/keys.h common/base/attr.h services/utils/command.h

common/proto/keys.h:

common/base/attr.h:

services/utils/command.h:
