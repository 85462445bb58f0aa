genkeypair.o: services/utils/client/genkeypair.c common/proto/keys.h \
  common/base/attr.h services/utils/command.h

common/proto/keys.h:

common/base/attr.h:

services/utils/command.h:
